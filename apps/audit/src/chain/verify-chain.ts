import type { Database } from '@gatehouse/persistence';
import { timeOf } from '../append/storable.js';
import { hashRecord, NO_PREVIOUS, type ChainHead, type Link } from './link.js';

const PAGE = 500;

/** How far a chain is whole. */
export interface ChainVerdict {
  /** Records that are as they were taken in, counted from the first. */
  readonly checked: number;
  /** The first place where the chain is broken, or null. */
  readonly broken: { readonly position: number; readonly reason: string } | null;
}

type Row = Link & { time: Date };

/**
 * Walks a tenant's chain from its first record to the head as it stands now, and stops at the first break: a
 * record changed, missing, out of order, or cut off at the end.
 *
 * Who can write every table as superuser can also chain everything anew: that is found only by checkpoints that
 * are signed and kept elsewhere.
 */
export async function verifyChain(database: Database, tenant: string): Promise<ChainVerdict> {
  const head = await readHead(database, tenant);
  let last: ChainHead = { position: 0, hash: NO_PREVIOUS };
  for (;;) {
    const rows = await readPage(database, tenant, [last.position, head.position]);
    for (const row of rows) {
      const reason = faultOf(row, last);
      if (reason !== null) return { checked: last.position, broken: { position: last.position + 1, reason } };
      last = row;
    }
    if (rows.length < PAGE) break;
  }
  if (last.position === head.position && last.hash === head.hash)
    return { checked: last.position, broken: null };
  const reason = `the chain ends here, but its head is at ${head.position}`;
  return { checked: last.position, broken: { position: last.position + 1, reason } };
}

function faultOf(row: Row, last: ChainHead): string | null {
  if (row.position !== last.position + 1) return 'the record is missing';
  if (row.previous !== last.hash) return 'the record does not follow the one before it';
  if (row.hash !== hashRecord({ ...row.record, previous: row.previous })) return 'the record was changed';
  const time = timeOf(row.record);
  if (time !== null && time.getTime() !== row.time.getTime())
    return 'the time by which it is found was changed';
  return null;
}

async function readHead(database: Database, tenant: string): Promise<ChainHead> {
  const rows: ChainHead[] = await database.withTenant(tenant, (manager) =>
    manager.query('select position::float8 as position, hash from chain_head where tenant = $1', [tenant]),
  );
  return rows[0] ?? { position: 0, hash: NO_PREVIOUS };
}

/** Records after one position, up to another. */
async function readPage(database: Database, tenant: string, [after, upTo]: [number, number]): Promise<Row[]> {
  return database.withTenant(tenant, (manager) =>
    manager.query(
      `select position::float8 as position, time, record, previous, hash from call_record
        where tenant = $1 and position > $2 and position <= $3 order by position limit ${PAGE}`,
      [tenant, after, upTo],
    ),
  );
}
