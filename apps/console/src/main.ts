import { runService } from '@gatehouse/runtime';
import { consoleService } from './index.js';

await runService(consoleService);
