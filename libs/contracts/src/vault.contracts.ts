import { z } from 'zod';
import { event, request } from './contract.js';
import { Name, PublicJwk, Sealed } from './names.js';

/** The key to which requests with secrets for the vault are sealed. Changes when the vault restarts. */
export const getVaultKey = request({
  subject: 'vault.transport-key.get',
  request: z.object({}),
  reply: z.object({ key: PublicJwk }),
  callers: ['edge', 'policy', 'auth'],
});

/**
 * Hands the edge the headers that a call to a server needs. Given only against the caller's own token,
 * so that an edge that was broken into cannot collect the credentials of people who are not calling.
 */
export const leaseCredential = request({
  subject: 'vault.credential.lease',
  request: z.object({ sealed: Sealed }),
  reply: z.object({ sealed: Sealed }),
  callers: ['edge'],
  failures: ['vault.request_refused', 'vault.credential_missing'],
});
/** What the edge seals to the vault. A nonce is good once; `issuedAt` (ms since the epoch) for 30 s. */
export const LeaseRequest = z.object({
  tenant: Name,
  server: Name,
  /** The server's URL as users see it: the audience which the token must have. */
  resource: z.url(),
  token: z.string(),
  nonce: z.string().min(16),
  issuedAt: z.number(),
  recipient: PublicJwk,
});
/** What the vault seals to the edge. */
export const CredentialLease = z.object({
  credential: z.string(),
  headers: z.record(z.string(), z.string()),
  /** Milliseconds for which the edge may keep it: 60,000 at most. */
  keepMs: z.number().int().positive().max(60_000),
});
export type CredentialLease = z.output<typeof CredentialLease>;

/** Stores or replaces a server's shared credential: only the policy service, on behalf of `apply`. */
export const putCredential = request({
  subject: 'vault.credential.put',
  request: z.object({ sealed: Sealed }),
  reply: z.object({ credential: z.string() }),
  callers: ['policy'],
  failures: ['vault.request_refused'],
});
export const PutCredential = z.object({
  tenant: Name,
  server: Name,
  headers: z.record(z.string(), z.string()),
});

/** Compares without revealing: lets `apply` tell whether a manifest would change a stored credential. */
export const compareCredential = request({
  subject: 'vault.credential.compare',
  request: z.object({ sealed: Sealed }),
  reply: z.object({ equal: z.boolean() }),
  callers: ['policy'],
  failures: ['vault.request_refused'],
});

export const deleteCredential = request({
  subject: 'vault.credential.delete',
  request: z.object({ tenant: Name, server: Name }),
  reply: z.object({}),
  callers: ['policy'],
});

export const credentialChanged = event({
  subject: 'evt.vault.credential.changed',
  payload: z.object({ tenant: Name, server: Name }),
  subscribers: ['edge'],
});

/** The authorization server's private signing keys and cookie secrets, made by the vault and sealed to auth. */
export const leaseAuthKeys = request({
  subject: 'vault.auth-keys.lease',
  request: z.object({ recipient: PublicJwk }),
  reply: z.object({ sealed: Sealed }),
  callers: ['auth'],
});
/**
 * When a key serves, in ms since the epoch: it is given out long before it is used, and read long after its successor
 * has taken over (null: it has none). So no replica meets what another one made with a key that it does not know.
 */
const Term = z.object({ activeFrom: z.number().default(0), keepUntil: z.number().nullable().default(null) });
export const AuthKeys = z.object({
  /** Private JWKs (ES256, with `kid`, `use`, `alg`), newest first: the first that is active signs. */
  signing: z.array(z.looseObject({ kty: z.string(), kid: z.string(), ...Term.shape })).min(1),
  /** Secrets for signing cookies, base64url, newest first. */
  cookies: z
    .array(
      z.union([
        z.string().transform((secret) => ({ secret, ...Term.parse({}) })),
        Term.extend({ secret: z.string() }),
      ]),
    )
    .min(1),
  /** Private JWK of the key to which secrets for auth are sealed. */
  transport: PublicJwk,
});

/** What {@link leaseAuthKeys} gives is other now. */
export const vaultAuthKeysChanged = event({
  subject: 'evt.vault.auth-keys.changed',
  payload: z.object({}),
  subscribers: ['auth'],
});

/** Makes the next signing key and cookie secret now. While the last ones made do not serve yet, these are the next. */
export const rotateAuthKeys = request({
  subject: 'vault.auth-keys.rotate',
  request: z.object({}),
  /** `activeFrom`: RFC 3339. */
  reply: z.object({ kid: z.string(), activeFrom: z.string() }),
  callers: ['console'],
  failures: ['database.unavailable'],
});

/** Keys with which edges seal MCP session ids (32 bytes, base64url), newest first; the same for all edges. */
export const leaseSessionKeys = request({
  subject: 'vault.session-keys.lease',
  request: z.object({ recipient: PublicJwk }),
  reply: z.object({ sealed: Sealed }),
  callers: ['edge'],
});
export const SessionKeys = z.object({
  keys: z.array(z.object({ id: z.string(), key: z.string() })).min(1),
});

/** What a secret that another service needs is for. */
export const SecretKind = z.enum(['identity-provider']);
const SecretPlace = z.object({ tenant: Name, kind: SecretKind, name: Name });

/** Stores or replaces a secret that another service works with, such as the client secret at an identity provider. */
export const putSecret = request({
  subject: 'vault.secret.put',
  request: z.object({ sealed: Sealed }),
  reply: z.object({}),
  callers: ['auth'],
  failures: ['vault.request_refused'],
});
/** What is sealed to the vault for {@link putSecret}. */
export const PutSecret = SecretPlace.extend({ value: z.string().min(1).max(8_192) });

/** Hands a secret to the service that works with it, sealed to `recipient`. */
export const leaseSecret = request({
  subject: 'vault.secret.lease',
  request: SecretPlace.extend({ recipient: PublicJwk }),
  reply: z.object({ sealed: Sealed }),
  callers: ['auth'],
  failures: ['vault.secret_missing'],
});
/** What the vault seals for {@link leaseSecret}. */
export const SecretLease = z.object({ value: z.string() });

export const deleteSecret = request({
  subject: 'vault.secret.delete',
  request: SecretPlace,
  reply: z.object({}),
  callers: ['auth'],
});
