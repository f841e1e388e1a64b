import { crc32 } from 'node:zlib';
import type { CallRecord } from '@gatehouse/contracts';

/** What is learned about a call after it left. */
export type Outcome = Pick<
  CallRecord,
  'status' | 'error' | 'isToolError' | 'result' | 'latencyMs' | 'bytes' | 'credential'
>;

/**
 * One line of the journal: an intent (its record says `unknown` until the outcome is there), an outcome, or a
 * whole record of a call that was never let on.
 */
export type Entry =
  | { readonly intent: CallRecord }
  | { readonly outcome: Outcome; readonly id: string }
  | { readonly whole: CallRecord };

export function idOf(entry: Entry): string {
  if ('intent' in entry) return entry.intent.id;
  return 'whole' in entry ? entry.whole.id : entry.id;
}

/** `<CRC-32 of the JSON, 8 hex digits> <JSON>\n` */
export function encodeEntry(entry: Entry): string {
  const json = JSON.stringify(entry);
  return `${checksum(json)} ${json}\n`;
}

export interface Decoded {
  entries: Entry[];
  /** Bytes from the start that are whole and right; what follows was torn or damaged. */
  goodBytes: number;
}

/** Reads as far as the lines are whole: a process that died while writing leaves a torn last line. */
export function decodeEntries(bytes: Buffer): Decoded {
  const entries: Entry[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10, start); end !== -1; end = bytes.indexOf(10, start)) {
    const line = bytes.toString('utf8', start, end);
    const json = line.slice(9);
    if (line.slice(0, 8) !== checksum(json)) break;
    entries.push(JSON.parse(json) as Entry);
    start = end + 1;
  }
  return { entries, goodBytes: start };
}

/** Puts entries together to one record a call, in the order in which the calls began. */
export function mergeEntries(entries: readonly Entry[]): CallRecord[] {
  const records = new Map<string, CallRecord>();
  for (const entry of entries) {
    if ('outcome' in entry) {
      const intent = records.get(entry.id);
      if (intent) records.set(entry.id, { ...intent, ...entry.outcome });
    } else {
      records.set(idOf(entry), 'intent' in entry ? entry.intent : entry.whole);
    }
  }
  return [...records.values()];
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
