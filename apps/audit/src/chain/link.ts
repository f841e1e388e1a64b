import { createHash } from 'node:crypto';
import type { CallRecord, StoredCallRecord } from '@gatehouse/contracts';
import { canonicalJson } from './canonical-json.js';

/** Where a tenant's chain ends: the number of its records, and the last one's hash. */
export interface ChainHead {
  readonly position: number;
  readonly hash: string;
}

/** A record in its place. */
export interface Link extends ChainHead {
  readonly record: CallRecord;
  readonly previous: string;
}

/** What stands as `previous` in a tenant's first record. */
export const NO_PREVIOUS = '0'.repeat(64);

/**
 * SHA-256, hex, over the canonical JSON (RFC 8785) of the record with its `previous`: what the admin API shows,
 * without the member `hash`.
 */
export function hashRecord(record: Omit<StoredCallRecord, 'hash'>): string {
  return createHash('sha256').update(canonicalJson(record)).digest('hex');
}

/** Chains records to a head, in the order given. */
export function chainTo(head: ChainHead, records: readonly CallRecord[]): Link[] {
  let { position, hash } = head;
  return records.map((record) => {
    const previous = hash;
    position += 1;
    hash = hashRecord({ ...record, previous });
    return { position, record, previous, hash };
  });
}
