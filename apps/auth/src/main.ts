import { runService } from '@gatehouse/runtime';
import { auth } from './index.js';

await runService(auth);
