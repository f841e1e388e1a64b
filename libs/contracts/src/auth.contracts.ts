import { z } from 'zod';
import { event, request } from './contract.js';
import { Name, PublicJwk, Sealed, Subject } from './names.js';

/** Scopes of an access token for an MCP server, least first. */
export const MCP_SCOPES = ['mcp:read', 'mcp:call'] as const;

/** Prefixes of opaque tokens, by kind, so that logs and secret scanners know them. */
export const TOKEN_PREFIX = {
  personalAccessToken: 'gatehouse_pat_',
  setup: 'gatehouse_setup_',
  passwordLink: 'gatehouse_password_',
  serviceAccountToken: 'gatehouse_sat_',
  clientSecret: 'gatehouse_cs_',
} as const;

/** Public signing keys (RFC 7517) of the authorization server; access tokens are `at+jwt` (RFC 9068), ES256. */
export const listKeys = request({
  subject: 'auth.keys.list',
  request: z.object({}),
  reply: z.object({ issuer: z.string(), keys: z.array(PublicJwk) }),
  callers: ['edge', 'console', 'vault'],
});

/** The keys in {@link listKeys} are others now: whoever verifies tokens asks for them again. */
export const authKeysChanged = event({
  subject: 'evt.auth.keys.changed',
  payload: z.object({}),
  subscribers: ['edge', 'console', 'vault'],
});

/** Whose a token is that says nothing by itself, or that another issuer has signed. */
export const TokenOwner = z.object({
  tenant: Name,
  subject: Subject,
  teams: z.array(z.string()),
  admin: z.boolean(),
  /** The token's id, never its value. */
  token: z.string(),
  /** RFC 3339, or null for a token without an end. */
  expires: z.string().nullable(),
  /** Of a service account: what it may do beside calling servers, such as `scim`. */
  roles: z.array(z.string()).optional(),
  /** By whose end the token ends too (AccessEnded, kind `grant`): of a JWT, the registration of its issuer. */
  grant: z.string().optional(),
});
export type TokenOwner = z.output<typeof TokenOwner>;

/** An opaque token's state. The bus carries its SHA-256 (base64url), never the token. */
export const introspectToken = request({
  subject: 'auth.token.introspect',
  request: z.object({ hash: z.string() }),
  reply: TokenOwner,
  callers: ['edge', 'console', 'vault'],
  failures: ['auth.unknown_token'],
});

/** The key to which requests with secrets for auth are sealed; all its replicas have it. */
export const getAuthKey = request({
  subject: 'auth.transport-key.get',
  request: z.object({}),
  reply: z.object({ key: PublicJwk }),
  callers: ['edge', 'console', 'vault', 'policy'],
});

/** Whose a JWT is that an issuer has signed which the tenant has registered (not one of our own). */
export const verifyToken = request({
  subject: 'auth.token.verify',
  request: z.object({ sealed: Sealed }),
  reply: TokenOwner,
  callers: ['edge', 'console', 'vault'],
  failures: ['auth.unknown_token', 'auth.issuer_unreachable'],
});
/** What is sealed to auth for {@link verifyToken}; `tenant` is the one in the address that is called. */
export const VerifyToken = z.object({ tenant: Name, token: z.string() });

export const PersonalAccessToken = z.object({
  id: z.string(),
  name: z.string(),
  created: z.string(),
  expires: z.string().nullable(),
  lastUsed: z.string().nullable(),
});

/** Makes a personal access token; its value comes back sealed to `recipient` and is never seen again. */
export const createToken = request({
  subject: 'auth.token.create',
  request: z.object({
    tenant: Name,
    person: z.string(),
    name: z.string().min(1).max(100),
    expiresInDays: z.number().int().min(1).max(365).default(90),
    recipient: PublicJwk,
  }),
  reply: z.object({ token: PersonalAccessToken, sealed: Sealed }),
  callers: ['console'],
  failures: ['auth.unknown_person'],
});
/** What `createToken` seals. */
export const NewTokenSecret = z.object({ token: z.string() });

export const listTokens = request({
  subject: 'auth.token.list',
  request: z.object({ tenant: Name, person: z.string() }),
  reply: z.object({ items: z.array(PersonalAccessToken) }),
  callers: ['console'],
});

export const revokeToken = request({
  subject: 'auth.token.revoke',
  request: z.object({ tenant: Name, person: z.string(), id: z.string() }),
  reply: z.object({}),
  callers: ['console'],
  failures: ['auth.unknown_token'],
});

/**
 * Access that ended before its tokens did. A token dies if it matches `kind` and `id` and was issued
 * (`iat`) at or before `before` (seconds since the epoch): a client with a good refresh token gets a new one.
 * For a subject the generation decides instead of the time: a token dies whose claim `gen` is lower. So a token that
 * was refreshed in the same second is good, and one that was being made meanwhile is not.
 */
export const AccessEnded = z.object({
  tenant: Name,
  kind: z.enum(['subject', 'grant', 'client', 'token']),
  id: z.string(),
  before: z.number().int(),
  generation: z.number().int().optional(),
});
export type AccessEnded = z.output<typeof AccessEnded>;

export const accessEnded = event({
  subject: 'evt.auth.access.ended',
  payload: AccessEnded,
  subscribers: ['edge', 'console', 'vault'],
});

/** Everything in {@link accessEnded} that unexpired access tokens may still offend against: for a process that starts or missed some. */
export const listEndedAccess = request({
  subject: 'auth.access.list-ended',
  request: z.object({}),
  reply: z.object({ items: z.array(AccessEnded) }),
  callers: ['edge', 'console', 'vault'],
});
