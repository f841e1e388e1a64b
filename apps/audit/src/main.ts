import { runService } from '@gatehouse/runtime';
import { audit } from './index.js';

await runService(audit);
