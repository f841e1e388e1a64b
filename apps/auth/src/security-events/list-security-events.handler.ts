import { Handle } from '@gatehouse/bus';
import { Failure, listSecurityEvents, type SecurityEvent } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { validate as isUuid } from 'uuid';
import type { z } from 'zod';
import { cut } from '../people/directory.store.js';
import { SecurityEventRow } from './security-event.entity.js';

@Handle(listSecurityEvents)
export class ListSecurityEvents {
  constructor(private readonly database: Database) {}

  async handle({ tenant, kind, subject, ...paging }: z.output<typeof listSecurityEvents.request>) {
    const filter = {
      tenant,
      ...(kind === undefined ? {} : { kind }),
      ...(subject === undefined ? {} : { subject }),
    };
    return this.database.withTenant(tenant, async (manager) => {
      const query = manager.createQueryBuilder(SecurityEventRow, 'event').where(filter);
      if (paging.cursor !== undefined)
        query.andWhere('(event.time, event.id) < (:time, :id)', readCursor(paging.cursor));
      const rows = await query
        .orderBy({ 'event.time': 'DESC', 'event.id': 'DESC' })
        .limit(paging.limit + 1)
        .getMany();
      const { kept, next } = cut(rows, paging, ({ time, id }) => `${time.toISOString()} ${id}`);
      return { items: kept.map(shown), next };
    });
  }
}

function readCursor(cursor: string): { time: Date; id: string } {
  const [time = '', id] = cursor.split(' ');
  if (!isUuid(id) || Number.isNaN(Date.parse(time)))
    throw new Failure('api.invalid_request', 'query.cursor: must be the `next` of the page before');
  return { time: new Date(time), id: id as string };
}

function shown({ id, time, kind, subject, client, detail }: SecurityEventRow): SecurityEvent {
  return { id, time: time.toISOString(), kind, subject, client, detail: { ...detail } };
}
