import { runService } from '@gatehouse/runtime';
import { vault } from './index.js';

await runService(vault);
