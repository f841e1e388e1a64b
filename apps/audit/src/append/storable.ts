import type { CallRecord } from '@gatehouse/contracts';

/** Deeper than this, Postgres and JSON.stringify may run out of stack; no honest message comes near. */
const DEPTH_LIMIT = 100;

/** NUL, which Postgres cannot hold in text, and halves of surrogate pairs, which are not Unicode text at all. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu;

/**
 * A record as Postgres can hold it, otherwise unchanged: U+0000 becomes U+2400 (SYMBOL FOR NULL), a lone surrogate
 * U+FFFD (REPLACEMENT CHARACTER), and what is nested deeper than 100 levels a text that says so. The chain is over
 * the record as stored.
 */
export function storable(record: CallRecord): CallRecord {
  return storableValue(record, 0) as CallRecord;
}

/** Text as {@link storable} leaves it. */
export function storableText(text: string): string {
  return text.replace(UNSTORABLE, (character) => (character === '\0' ? '\u2400' : '\ufffd'));
}

/**
 * A record without what others wrote into it: for one which Postgres refuses all the same. That the call happened,
 * who made it and how it ended stays.
 *
 * @param code SQLSTATE of the refusal
 */
export function withoutContent(record: CallRecord, code: string): CallRecord {
  const note = `[not stored: Postgres refused it with ${code}]`;
  return {
    ...record,
    client: { id: note, name: note },
    arguments: note,
    result: note,
    error: record.error && { code: record.error.code, message: note },
    metadata: {},
  };
}

/** When a call arrived, or null if the record says so in no way that can be read. */
export function timeOf(record: CallRecord): Date | null {
  const time = new Date(record.time);
  const year = time.getUTCFullYear();
  return year >= 0 && year <= 9999 ? time : null;
}

function storableValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return storableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEPTH_LIMIT) return `[nested deeper than ${DEPTH_LIMIT} levels]`;
  if (Array.isArray(value)) return value.map((item) => storableValue(item, depth + 1));
  const members = new Map<string, unknown>();
  for (const [name, member] of Object.entries(value)) {
    let free = storableText(name);
    while (members.has(free)) free += '\ufffd'; // two names that became one: neither member may be lost
    members.set(free, storableValue(member, depth + 1));
  }
  // Not assignments: a member named `__proto__` must stay a member.
  return Object.fromEntries(members);
}
