import { Filter, SCIMError } from 'scimmy/types';

/** Which value each attribute must equal: `userName`, `emails.value`, in lower case. */
export type Equalities = ReadonlyMap<string, string>;

/**
 * Reads a filter (RFC 7644, section 3.4.2.2) of the form that identity providers use: `<attribute> eq <value>`, several
 * joined by `and`.
 *
 * @param known attributes that can be filtered by, in lower case
 * @throws SCIMError 400 `invalidFilter` for any other
 */
export function readFilter(filter: unknown, known: readonly string[]): Equalities {
  if (filter === undefined) return new Map();
  const refuse = () =>
    new SCIMError(400, 'invalidFilter', `Filter by ${known.join(', ')} with eq; join several by and.`);
  if (typeof filter !== 'string' || filter.length > 1_000) throw refuse();
  const [alternative, ...others] = parsed(filter) ?? [];
  if (!alternative || others.length > 0) throw refuse();
  const found = new Map<string, string>();
  for (const [path, comparison] of comparisonsIn(alternative)) {
    const [operator, value] = comparison;
    const single = comparison.length === 2 && typeof operator === 'string' && operator.toLowerCase() === 'eq';
    // Which of a person's addresses is meant does not matter: we keep one.
    if (single && path === 'emails.type') continue;
    if (!single || !known.includes(path) || !['string', 'number', 'boolean'].includes(typeof value))
      throw refuse();
    found.set(path, String(value));
  }
  return found;
}

function comparisonsIn(expression: object, prefix = ''): [string, unknown[]][] {
  return Object.entries(expression).flatMap(([name, inner]: [string, unknown]) => {
    const path = `${prefix}${name}`.toLowerCase();
    return Array.isArray(inner) ? [[path, inner as unknown[]]] : comparisonsIn(inner as object, `${path}.`);
  });
}

/** Null for what is no filter at all. */
function parsed(filter: string): object[] | null {
  try {
    return [...new Filter(filter)] as object[];
  } catch {
    return null;
  }
}
