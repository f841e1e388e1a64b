import { runService } from '@gatehouse/runtime';
import { policy } from './index.js';

await runService(policy);
