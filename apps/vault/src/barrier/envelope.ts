import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const VERSION = 1;
const KEY_ID_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

export const KEY_BYTES = 32;

export interface Key {
  /** 16 bytes in hexadecimal, with or without the hyphens of a UUID. Not secret: it stands in every envelope. */
  readonly id: string;
  /** 32 bytes. Whoever takes a key out of an envelope overwrites this when done. */
  readonly secret: Buffer;
}

/** What an envelope is about. It is bound as additional data: elsewhere the envelope does not open. */
export type Context = readonly [purpose: string, ...place: string[]];

/**
 * Encrypts by AES-256-GCM (NIST SP 800-38D):
 * version (1 byte) | key id (16) | nonce (12) | ciphertext | tag (16). Bound as additional data: version, key id
 * and context. Nonces are random, so a key is good for 2^32 envelopes.
 */
export function encrypt(plaintext: Buffer, key: Key, context: Context): Buffer {
  const header = Buffer.concat([Buffer.from([VERSION]), keyIdBytes(key)]);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(header, context));
  return Buffer.concat([header, nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Decrypts what {@link encrypt} made. The caller overwrites the result when done.
 *
 * @throws Error if the envelope was altered or moved, or was made with another key: never says which
 */
export function decrypt(envelope: Buffer, key: Key, context: Context): Buffer {
  const header = Buffer.concat([Buffer.from([VERSION]), keyIdBytes(key)]);
  if (envelope.length < OVERHEAD_BYTES || !envelope.subarray(0, HEADER_BYTES).equals(header))
    throw notOpened(context);
  const nonce = envelope.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(header, context));
  decipher.setAuthTag(envelope.subarray(-TAG_BYTES));
  const plaintext = decipher.update(envelope.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    throw notOpened(context);
  }
  return plaintext;
}

/** The id of the key that opens an envelope, in hexadecimal. */
export function keyIdOf(envelope: Buffer): string {
  return envelope.toString('hex', 1, HEADER_BYTES);
}

/** Length of the envelope that holds a key. */
export const KEY_ENVELOPE_BYTES = OVERHEAD_BYTES + KEY_BYTES;

function keyIdBytes({ id }: Key): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

/** JSON keeps the parts apart: ["a","bc"] and ["ab","c"] differ. */
function additionalData(header: Buffer, context: Context): Buffer {
  return Buffer.concat([header, Buffer.from(JSON.stringify(context))]);
}

function notOpened([purpose]: Context): Error {
  return new Error(
    `a ${purpose} in the vault does not open: it was altered, moved, or sealed with another key`,
  );
}
