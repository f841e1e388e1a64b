import { Handle } from '@gatehouse/bus';
import { searchCalls, type CallRecord } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { z } from 'zod';
import { conditionsOf } from './conditions.js';
import { readCursor, writeCursor, type Search } from './cursor.js';

type Reply = z.input<typeof searchCalls.reply>;

interface Row {
  record: CallRecord;
  previous: string;
  hash: string;
  time: Date;
  /** How many records the search found for this page, one more than fit if there are more. */
  found: number;
}

/** Bytes of records in one reply, so that it stays under the broker's usual limit of 1 MiB. */
const PAGE_BYTES = 800_000;

@Handle(searchCalls)
export class SearchCalls {
  constructor(private readonly database: Database) {}

  async handle(search: Search): Promise<Reply> {
    const after = search.cursor === undefined ? null : readCursor(search, search.cursor);
    const { where, values } = conditionsOf(search, after);
    const rows: Row[] = await this.database.withTenant(search.tenant, (manager) =>
      manager.query(pageQuery(where, search.limit + 1), values),
    );
    const page = rows.slice(0, search.limit);
    const last = page.at(-1);
    const isEnd = last === undefined || last.found === page.length;
    return {
      items: page.map(({ record, previous, hash }) => ({ ...record, previous, hash })),
      next: isEnd ? null : writeCursor(search, { time: last.time.toISOString(), id: last.record.id }),
    };
  }
}

/** Postgres cuts the page to its size, so that two hundred large records are never read just to be thrown away. */
function pageQuery(where: string, limit: number): string {
  return `
    with found as (
      select record, previous, hash, time, id from call_record where ${where} order by time desc, id desc limit ${limit}
    ), measured as (
      select *, count(*) over ()::int as found, row_number() over newest as row,
             sum(octet_length(record::text)) over newest as bytes
        from found window newest as (order by time desc, id desc)
    )
    select record, previous, hash, time, found from measured where row = 1 or bytes <= ${PAGE_BYTES} order by row`;
}
