import { storableText } from '../append/storable.js';
import type { Place, Search } from './cursor.js';

/** As the columns are cut (see the migration). */
const COLUMN_CHARACTERS = 256;

/** What a search asks for, as SQL over `call_record` with its parameters. */
export function conditionsOf(search: Search, after: Place | null): { where: string; values: unknown[] } {
  const values: unknown[] = [];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [`tenant = ${parameter(search.tenant)}`];
  if (search.from !== undefined) conditions.push(`time >= ${parameter(search.from)}`);
  if (search.to !== undefined) conditions.push(`time < ${parameter(search.to)}`);
  const columns = {
    server: search.server,
    tool: search.tool,
    subject: search.user?.toLowerCase(),
    status: search.status,
  };
  for (const [column, text] of Object.entries(columns))
    if (text !== undefined) conditions.push(`${column} = ${parameter(cut(text))}`);
  if (after !== null) conditions.push(`(time, id) < (${parameter(after.time)}, ${parameter(after.id)})`);
  return { where: conditions.join(' and '), values };
}

/** By characters as Postgres counts them: code points. */
function cut(text: string): string {
  return [...storableText(text)].slice(0, COLUMN_CHARACTERS).join('');
}
