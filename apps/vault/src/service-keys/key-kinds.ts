import { randomBytes } from 'node:crypto';
import { AuthKeys, SessionKeys } from '@gatehouse/contracts';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { z } from 'zod';
import type { Term } from './rotation.js';
import type { KeyKind } from './service-keys.js';

const OwnKeys = AuthKeys.omit({ transport: true });
export type OwnAuthKeys = z.output<typeof OwnKeys>;

/** Auth's signing keys and cookie secrets. The first ones serve at once. */
export const AUTH_KEYS: KeyKind<typeof OwnKeys> = {
  kind: 'auth-keys',
  schema: OwnKeys,
  make: async () => {
    const term = { activeFrom: Date.now(), keepUntil: null };
    return { signing: [await makeSigningKey(term)], cookies: [makeCookieSecret(term)] };
  },
};

export async function makeSigningKey(term: Term): Promise<OwnAuthKeys['signing'][number]> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const { kty, ...jwk } = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint({ kty, ...jwk });
  return { ...jwk, kty: kty ?? 'EC', kid, use: 'sig', alg: 'ES256', ...term };
}

export function makeCookieSecret(term: Term): OwnAuthKeys['cookies'][number] {
  return { secret: makeSecret(), ...term };
}

const AuthTransport = AuthKeys.shape.transport;
export const AUTH_TRANSPORT: KeyKind<typeof AuthTransport> = {
  kind: 'auth-transport-key',
  schema: AuthTransport,
  make: async () => {
    const { privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
    return { kty: 'EC', ...(await exportJWK(privateKey)) };
  },
};

export const SESSION_KEYS: KeyKind<typeof SessionKeys> = {
  kind: 'session-keys',
  schema: SessionKeys,
  make: async () => ({ keys: [{ id: randomBytes(6).toString('base64url'), key: makeSecret() }] }),
};

function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}
