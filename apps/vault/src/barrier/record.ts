import { randomBytes } from 'node:crypto';
import { decrypt, encrypt, KEY_BYTES, KEY_ENVELOPE_BYTES, type Key } from './envelope.js';

/** Where a record belongs. All of it is bound to the record as additional data. */
export interface Place {
  readonly tenant: string;
  /** Whose it is; `*` for what all of a tenant's people share. */
  readonly subject: string;
  readonly server: string;
  readonly kind: string;
}

/**
 * A record: the envelope of its own data key, made with the tenant's key, and then the envelope of its content,
 * made with the data key. Both carry the id of the tenant's key. Not detected: a row set back to its own older state.
 */
export function sealRecord(content: Buffer, place: Place, tenantKey: Key): Buffer {
  const dataKey = { id: tenantKey.id, secret: randomBytes(KEY_BYTES) };
  try {
    return Buffer.concat([
      encrypt(dataKey.secret, tenantKey, ['data key', ...parts(place)]),
      encrypt(content, dataKey, ['record', ...parts(place)]),
    ]);
  } finally {
    dataKey.secret.fill(0);
  }
}

/** @throws Error as {@link decrypt} */
export function openRecord(record: Buffer, place: Place, tenantKey: Key): Buffer {
  const wrapped = record.subarray(0, KEY_ENVELOPE_BYTES);
  const secret = decrypt(wrapped, tenantKey, ['data key', ...parts(place)]);
  try {
    return decrypt(record.subarray(KEY_ENVELOPE_BYTES), { id: tenantKey.id, secret }, [
      'record',
      ...parts(place),
    ]);
  } finally {
    secret.fill(0);
  }
}

function parts({ tenant, subject, server, kind }: Place): string[] {
  return [tenant, subject, server, kind];
}
