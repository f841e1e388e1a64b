import { z } from 'zod';
import { request } from './contract.js';
import { Name, PublicJwk, Sealed } from './names.js';

/** What a service account may do beside calling MCP servers: administer its tenant, or provision people (SCIM 2.0). */
export const ServiceAccountRole = z.enum(['admin', 'scim']);
export type ServiceAccountRole = z.output<typeof ServiceAccountRole>;

const unique = <Item extends z.ZodType<string>>(item: Item) =>
  z
    .array(item)
    .max(100)
    .refine((items) => new Set(items).size === items.length, 'must not name anything twice');

/** What an administrator decides about a service account. */
export const ServiceAccountSettings = z.strictObject({
  description: z.string().max(500),
  teams: unique(z.string().min(1).max(200)),
  roles: unique(ServiceAccountRole),
  /** Ids of OAuth clients that act as this account when they authenticate (grant `client_credentials`). */
  clients: unique(z.string().min(1).max(2_000)),
  suspended: z.boolean(),
});
export type ServiceAccountSettings = z.output<typeof ServiceAccountSettings>;

/** An identity for a machine, named as grants name it: `service-account:<name>`. */
export const ServiceAccount = ServiceAccountSettings.extend({
  name: Name,
  created: z.string(),
  /** RFC 3339, to the minute; null if never. */
  lastUsed: z.string().nullable(),
});
export type ServiceAccount = z.output<typeof ServiceAccount>;

/** `by` is the id of the administrator who asks, for the security event. */
const Administered = z.object({ tenant: Name, by: z.string() });
const OneAccount = Administered.extend({ name: Name });

export const createServiceAccount = request({
  subject: 'auth.service-account.create',
  request: OneAccount.extend({ settings: ServiceAccountSettings }),
  reply: ServiceAccount,
  callers: ['console'],
  failures: ['auth.service_account_exists', 'auth.unknown_team', 'auth.client_bound'],
});

/** By name; `after` is the last name of the page before. */
export const listServiceAccounts = request({
  subject: 'auth.service-account.list',
  request: z.object({ tenant: Name, limit: z.number().int().min(1), after: Name.nullable() }),
  reply: z.object({ items: z.array(ServiceAccount), next: z.string().nullable() }),
  callers: ['console'],
});

export const showServiceAccount = request({
  subject: 'auth.service-account.show',
  request: z.object({ tenant: Name, name: Name }),
  reply: ServiceAccount,
  callers: ['console'],
  failures: ['auth.unknown_service_account'],
});

/** What is not named stays. Whatever takes access away ends what was issued under it, on every edge. */
export const changeServiceAccount = request({
  subject: 'auth.service-account.change',
  request: OneAccount.extend({ changes: ServiceAccountSettings.partial() }),
  reply: ServiceAccount,
  callers: ['console'],
  failures: ['auth.unknown_service_account', 'auth.unknown_team', 'auth.client_bound'],
});

export const deleteServiceAccount = request({
  subject: 'auth.service-account.delete',
  request: OneAccount,
  reply: z.object({}),
  callers: ['console'],
  failures: ['auth.unknown_service_account'],
});

export const ServiceAccountToken = z.object({
  id: z.string(),
  name: z.string(),
  created: z.string(),
  expires: z.string(),
  lastUsed: z.string().nullable(),
});

const NewToken = { expiresInDays: z.number().int().min(1).default(90), recipient: PublicJwk };
const MadeToken = z.object({ token: ServiceAccountToken, sealed: Sealed });

/** Makes a token; its value comes back sealed to `recipient` (NewTokenSecret) and is never seen again. */
export const createServiceAccountToken = request({
  subject: 'auth.service-account-token.create',
  request: OneAccount.extend({ token: z.string().min(1).max(100), ...NewToken }),
  reply: MadeToken,
  callers: ['console'],
  failures: ['auth.unknown_service_account', 'api.invalid_request'],
});

/** Newest first, the expired ones too. */
export const listServiceAccountTokens = request({
  subject: 'auth.service-account-token.list',
  request: z.object({ tenant: Name, name: Name }),
  reply: z.object({ items: z.array(ServiceAccountToken) }),
  callers: ['console'],
  failures: ['auth.unknown_service_account'],
});

const LONGEST_GRACE_SECONDS = 7 * 86_400;
/**
 * Seconds for which a token that was rotated still works. None, or at least a minute: for so long a verdict on a
 * token may be kept by an edge.
 */
export const GraceSeconds = z
  .number()
  .int()
  .max(LONGEST_GRACE_SECONDS)
  .refine((seconds) => seconds === 0 || seconds >= 60, `must be 0, or 60 to ${LONGEST_GRACE_SECONDS}`);

/** Replaces a token by a new one of the same name; the old one ends by itself when the grace is over. */
export const rotateServiceAccountToken = request({
  subject: 'auth.service-account-token.rotate',
  request: OneAccount.extend({ id: z.string(), graceSeconds: GraceSeconds, ...NewToken }),
  reply: MadeToken,
  callers: ['console'],
  failures: ['auth.unknown_service_account', 'auth.unknown_token', 'api.invalid_request'],
});

/** Ends one token, or all of them where `id` is null, on every edge. */
export const revokeServiceAccountToken = request({
  subject: 'auth.service-account-token.revoke',
  request: OneAccount.extend({ id: z.string().nullable() }),
  reply: z.object({}),
  callers: ['console'],
  failures: ['auth.unknown_service_account', 'auth.unknown_token'],
});
