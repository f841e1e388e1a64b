import type { CallRecord } from '@gatehouse/contracts';
import type { Logger } from '@gatehouse/runtime';
import type { EntityManager } from 'typeorm';
import { chainTo, NO_PREVIOUS, type ChainHead, type Link } from '../chain/link.js';
import { storable, timeOf, withoutContent } from './storable.js';

/** One tenant's chain, within a transaction. */
export interface Chain {
  readonly manager: EntityManager;
  readonly tenant: string;
  readonly log: Logger;
}

/** Appends the records that are not there yet, in the order given. Returns how many these were. */
export async function appendToChain(chain: Chain, records: readonly CallRecord[]): Promise<number> {
  const head = await lockHead(chain);
  const fresh = await notYetStored(chain, records);
  if (fresh.length === 0) return 0;
  const { position, hash } = await store(chain, head, fresh.map(storable));
  await chain.manager.query('update chain_head set position = $2, hash = $3 where tenant = $1', [
    chain.tenant,
    position,
    hash,
  ]);
  return fresh.length;
}

/** From here to the commit nobody else appends to this tenant's chain, in any replica. */
async function lockHead({ manager, tenant }: Chain): Promise<ChainHead> {
  const rows: ChainHead[] = await manager.query(
    `insert into chain_head (tenant, position, hash) values ($1, 0, $2)
     on conflict (tenant) do update set position = chain_head.position
     returning position::float8 as position, hash`,
    [tenant, NO_PREVIOUS],
  );
  return rows[0] as ChainHead;
}

/** Sure only under the head's lock, which is why the insert needs no ON CONFLICT and positions have no gaps. */
async function notYetStored(
  { manager, tenant }: Chain,
  records: readonly CallRecord[],
): Promise<CallRecord[]> {
  const byId = new Map<string, CallRecord>();
  for (const record of records) {
    const id = record.id.toLowerCase();
    if (!byId.has(id)) byId.set(id, record);
  }
  const known: Array<{ id: string }> = await manager.query(
    'select id from call_record where tenant = $1 and id = any($2::uuid[])',
    [tenant, [...byId.keys()]],
  );
  for (const { id } of known) byId.delete(id);
  return [...byId.values()];
}

/**
 * Stores records and returns the new head. One that Postgres refuses must not hold up the others for ever, so it
 * is looked for by halving, and stored without its content.
 */
async function store(chain: Chain, head: ChainHead, records: readonly CallRecord[]): Promise<ChainHead> {
  const links = chainTo(head, records);
  try {
    await chain.manager.transaction((savepoint) => insert(savepoint, chain.tenant, links));
    return links.at(-1) ?? head;
  } catch (error) {
    const code = refusalOf(error);
    if (code === null) throw error;
    const [first] = records;
    if (records.length > 1 || first === undefined) return storeHalves(chain, head, records);
    // Not the error itself: it quotes the record.
    chain.log.error({ code, id: first.id, tenant: chain.tenant }, 'a record is stored without its content');
    const bare = chainTo(head, [withoutContent(first, code)]);
    await insert(chain.manager, chain.tenant, bare);
    return bare.at(-1) ?? head;
  }
}

async function storeHalves(
  chain: Chain,
  head: ChainHead,
  records: readonly CallRecord[],
): Promise<ChainHead> {
  const middle = Math.ceil(records.length / 2);
  const between = await store(chain, head, records.slice(0, middle));
  return store(chain, between, records.slice(middle));
}

async function insert(manager: EntityManager, tenant: string, links: readonly Link[]): Promise<void> {
  const rows = links.map((link) => ({ ...link, time: timeOf(link.record) ?? new Date() }));
  await manager.query(
    `insert into call_record (tenant, position, time, record, previous, hash)
     select $1, position, time, record, previous, hash
       from jsonb_to_recordset($2::jsonb)
         as link(position bigint, time timestamptz, record jsonb, previous text, hash text)`,
    [tenant, JSON.stringify(rows)],
  );
}

/** SQLSTATE if the fault lies in the data (classes 22, 23, 54 and exceptions raised by triggers), else null. */
function refusalOf(error: unknown): string | null {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(?:22|23|54|P0)\w{3}$/.test(code) ? code : null;
}
