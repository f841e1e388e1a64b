import { Inject } from '@nestjs/common';
import { Handle } from '@gatehouse/bus';
import { appendRecords, type CallRecord } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { Logger } from '@gatehouse/runtime';
import type { z } from 'zod';
import { LOG } from '../log.token.js';
import { appendToChain } from './append-to-chain.js';

type Request = z.output<typeof appendRecords.request>;
type Reply = z.input<typeof appendRecords.reply>;

/** The edge drops records for good on this reply: a server configured to forget on a crash is overruled. */
const DURABLE = `select set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off'`;

@Handle(appendRecords)
export class AppendRecords {
  constructor(
    private readonly database: Database,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  async handle({ records }: Request): Promise<Reply> {
    const accepted = await this.database.acrossTenants(async (manager) => {
      await manager.query(DURABLE);
      let count = 0;
      for (const [tenant, own] of byTenant(records))
        count += await appendToChain({ manager, tenant, log: this.log }, own);
      return count;
    });
    return { accepted, repeated: records.length - accepted };
  }
}

/** Tenants in one order everywhere: replicas that lock several chains must not wait for each other in a ring. */
function byTenant(records: readonly CallRecord[]): Array<[string, CallRecord[]]> {
  const tenants = new Map<string, CallRecord[]>();
  for (const record of records) {
    const own = tenants.get(record.tenant);
    if (own) own.push(record);
    else tenants.set(record.tenant, [record]);
  }
  return [...tenants].sort(([a], [b]) => (a < b ? -1 : 1));
}
