import { CallRecords1795500000000 } from './1795500000000-call-records.js';

export const migrations = [CallRecords1795500000000];
