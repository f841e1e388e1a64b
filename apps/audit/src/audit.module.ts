import { Module, type DynamicModule } from '@nestjs/common';
import { Database } from '@gatehouse/persistence';
import type { Logger } from '@gatehouse/runtime';
import { AppendRecords } from './append/append-records.handler.js';
import { LOG } from './log.token.js';
import { SearchCalls } from './search/search-calls.handler.js';

@Module({})
class AuditModule {}

export function auditModule(database: Database, log: Logger): DynamicModule {
  return {
    module: AuditModule,
    controllers: [AppendRecords, SearchCalls],
    providers: [
      { provide: Database, useValue: database },
      { provide: LOG, useValue: log },
    ],
  };
}
