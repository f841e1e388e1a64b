import { createHash, randomBytes } from 'node:crypto';

/** SHA-256, base64url: how opaque secrets of 128 bits and more are stored and looked up. */
export function digest(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}

/** A fresh opaque secret of 256 bits behind a prefix that tells its kind. */
export function opaqueSecret(prefix: string): string {
  return prefix + randomBytes(32).toString('base64url');
}
