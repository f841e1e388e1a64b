import { runService } from '@gatehouse/runtime';
import { edge } from './index.js';

await runService(edge);
