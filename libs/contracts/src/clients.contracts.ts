import { z } from 'zod';
import { request } from './contract.js';
import { Name, PublicJwk, Sealed } from './names.js';

/** How a client proves who it is at the token endpoint (RFC 7591, section 2). */
export const ClientAuthentication = z.enum([
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
]);

/** What an administrator decides about a client; redirect URIs obey the rules for registrations. */
export const ClientSettings = z.strictObject({
  name: z.string().trim().min(1).max(80),
  redirectUris: z.array(z.string().max(2_000)).min(1).max(20),
  /** Where the keys of a `private_key_jwt` client are (RFC 7517): an https URL. */
  jwksUri: z
    .url({ protocol: /^https$/ })
    .max(2_000)
    .nullable(),
});
export type ClientSettings = z.output<typeof ClientSettings>;

/** An OAuth client as a tenant sees it: its own, or one that its people have approved or an administrator has blocked. */
export const Client = z.object({
  /** The `client_id`. */
  id: z.string(),
  /** It registered itself, its id is the URL of its document, or an administrator of the tenant made it. */
  source: z.enum(['registration', 'document', 'administrator']),
  name: z.string(),
  redirectUris: z.array(z.string()),
  jwksUri: z.string().nullable(),
  authentication: ClientAuthentication,
  /** People of the tenant who have approved it. */
  people: z.number().int(),
  /** RFC 3339: when one of them did so last. */
  lastApproved: z.string().nullable(),
  /** Nobody of the tenant may use it. */
  blocked: z.boolean(),
});
export type Client = z.output<typeof Client>;

const ClientId = z.string().min(1).max(2_000);
/** `by` is the id of the administrator who asks, for the security event. */
const OneClient = z.object({ tenant: Name, id: ClientId, by: z.string() });

/** Makes a client for one tenant's servers; the secret of a confidential one comes sealed and is never seen again. */
export const createClient = request({
  subject: 'auth.client.create',
  request: z.object({
    tenant: Name,
    by: z.string(),
    settings: ClientSettings,
    authentication: ClientAuthentication,
    recipient: PublicJwk,
  }),
  reply: z.object({ client: Client, sealed: Sealed.nullable() }),
  callers: ['console'],
  failures: ['auth.invalid_client_metadata'],
});
/** What `createClient` seals. */
export const NewClientSecret = z.object({ secret: z.string() });

/** By id; `after` is the last id of the page before. */
export const listClients = request({
  subject: 'auth.client.list',
  request: z.object({ tenant: Name, limit: z.number().int().min(1), after: z.string().nullable() }),
  reply: z.object({ items: z.array(Client), next: z.string().nullable() }),
  callers: ['console'],
});

export const showClient = request({
  subject: 'auth.client.show',
  request: z.object({ tenant: Name, id: ClientId }),
  reply: Client,
  callers: ['console'],
  failures: ['auth.unknown_client'],
});

/** Changes a client that an administrator made. */
export const changeClient = request({
  subject: 'auth.client.change',
  request: OneClient.extend({ changes: ClientSettings.partial() }),
  reply: Client,
  callers: ['console'],
  failures: ['auth.unknown_client', 'auth.invalid_client_metadata'],
});

/**
 * Ends what a client holds in a tenant, on every edge, with its approvals. One that an administrator made is gone;
 * others belong to no tenant, and may be approved anew unless they are blocked.
 */
export const deleteClient = request({
  subject: 'auth.client.delete',
  request: OneClient,
  reply: z.object({}),
  callers: ['console'],
  failures: ['auth.unknown_client'],
});

/** Blocks a client for a tenant, which ends what it holds there, or lets it be used again. */
export const blockClient = request({
  subject: 'auth.client.block',
  request: OneClient.extend({ blocked: z.boolean() }),
  reply: Client,
  callers: ['console'],
  failures: ['auth.unknown_client'],
});
