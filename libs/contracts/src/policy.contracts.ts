import { z } from 'zod';
import { event, request } from './contract.js';
import { Name, PublicJwk, Sealed, Subject } from './names.js';

const ToolGrant = z.union([z.literal('*'), z.array(z.string())]);

/** Who may use a server: `user:<e-mail>`, `service-account:<name>` or `team:<name>` (`team:everyone`) -> tools. */
export const Grants = z.record(z.string(), z.object({ rule: z.string(), tools: ToolGrant }));

/** A scope that a server's owner defines: tokens carry it as `mcp:<name>`. */
export const ScopeName = z.string().regex(/^(?!(?:read|call)$)[a-z][a-z0-9-]{0,39}$/, {
  message: 'must be 1 to 40 lower-case letters, digits or hyphens, beginning with a letter; not read or call',
});
export const scopeOf = (name: string): string => `mcp:${name}`;

export const SnapshotServer = z.object({
  name: Name,
  url: z.url(),
  /** Whether the vault must put a credential on. */
  credential: z.enum(['none', 'shared']),
  /** Headers which the registration adds to every call; a credential's headers win. */
  headers: z.record(z.string(), z.string()),
  /** Tools switched off for everybody. */
  disabledTools: z.array(z.string()),
  /** Where set, the only tools exposed: a new upstream tool is not exposed by itself. */
  enabledTools: z.array(z.string()).nullable(),
  grants: Grants,
  /** Scopes which a token needs for some tools, besides `mcp:call`. Absent: none. */
  scopes: z.array(z.object({ scope: z.string(), tools: z.array(z.string()) })).optional(),
});
export type SnapshotServer = z.output<typeof SnapshotServer>;

/** A token bucket counted per subject. */
export const Limit = z.object({
  id: z.string(),
  per: z.literal('subject'),
  calls: z.number().int().positive(),
  windowSeconds: z.number().int().positive(),
});

/** All that the edge needs to decide for one tenant. Compiled and published by the policy service. */
export const Snapshot = z.object({
  tenant: Name,
  version: z.number().int(),
  servers: z.record(Name, SnapshotServer),
  limits: z.array(Limit),
});
export type Snapshot = z.output<typeof Snapshot>;

/** Told at each change; whoever hears it fetches the snapshot at once. */
export const snapshotPublished = event({
  subject: 'evt.policy.snapshot.published',
  payload: z.object({ tenant: Name, version: z.number().int() }),
  subscribers: ['edge'],
});

/** Every 5 s: the versions that hold now. An edge that has heard none for 60 s answers 503. */
export const policyHeartbeat = event({
  subject: 'evt.policy.heartbeat.sent',
  payload: z.object({ versions: z.record(Name, z.number().int()) }),
  subscribers: ['edge'],
});

export const listSnapshots = request({
  subject: 'policy.snapshot.list',
  request: z.object({}),
  reply: z.object({ versions: z.record(Name, z.number().int()) }),
  callers: ['edge'],
});

/** One part of a snapshot's JSON, cut so that every broker's message limit (1 MiB) holds it. */
export const getSnapshot = request({
  subject: 'policy.snapshot.get',
  request: z.object({ tenant: Name, part: z.number().int().min(0) }),
  reply: z.object({ version: z.number().int(), parts: z.number().int(), json: z.string() }),
  callers: ['edge'],
  failures: ['policy.unknown_server'],
});

const Asker = z.object({ tenant: Name, subject: Subject, teams: z.array(z.string()) });

/** Asked on the approval page: may this person use this server at all? */
export const checkAccess = request({
  subject: 'policy.access.check',
  request: Asker.extend({ server: Name }),
  reply: z.object({
    allowed: z.boolean(),
    description: z.string(),
    /** The scopes that the server defines, in its owner's words. */
    scopes: z.array(z.object({ name: ScopeName, description: z.string() })).default([]),
  }),
  callers: ['auth'],
});

export const ServerSummary = z.object({
  name: Name,
  type: z.string(),
  description: z.string(),
  url: z.string(),
  credential: z.enum(['none', 'shared']),
  created: z.string(),
  updated: z.string(),
});

/** The catalogue, by name. `asker` sees what it may use; null (an administrator) sees all. */
export const listServers = request({
  subject: 'policy.server.list',
  request: z.object({
    tenant: Name,
    asker: Asker.nullable(),
    limit: z.number().int().min(1).max(500).default(100),
    after: z.string().nullable().default(null),
  }),
  reply: z.object({ items: z.array(ServerSummary), next: z.string().nullable() }),
  callers: ['console'],
});

export const deleteServer = request({
  subject: 'policy.server.delete',
  request: z.object({ tenant: Name, name: Name }),
  reply: z.object({}),
  callers: ['console'],
  failures: ['policy.unknown_server'],
});

/** The key to which manifests are sealed: they may contain secrets. */
export const getPolicyKey = request({
  subject: 'policy.transport-key.get',
  request: z.object({}),
  reply: z.object({ key: PublicJwk }),
  callers: ['console'],
});

export const Change = z.object({
  kind: z.string(),
  name: z.string(),
  action: z.enum(['create', 'update', 'delete', 'none']),
  /** Lines `path: before -> after`; secrets show as `[secret]`. */
  diff: z.array(z.string()),
});

/** Applies manifests, all or nothing. A fault names the document and the place. */
export const applyManifests = request({
  subject: 'policy.manifest.apply',
  request: z.object({ sealed: Sealed }),
  reply: z.object({ changes: z.array(Change) }),
  callers: ['console'],
  failures: ['policy.invalid_manifest', 'policy.version_conflict', 'vault.request_refused'],
  deadlineMs: 30_000,
});
export const ManifestBundle = z.object({
  tenant: Name,
  /** Who asked for it, for the security events: a name, never a secret. */
  by: z.string(),
  dryRun: z.boolean(),
  documents: z.array(z.unknown()),
});
