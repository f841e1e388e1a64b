import { z } from 'zod';
import { request } from './contract.js';
import { IdentityProviderInput } from './identity-providers.contracts.js';
import { ServiceAccountSettings } from './machines.contracts.js';
import { Name, Sealed } from './names.js';
import { Email } from './people/people.contracts.js';
import { TeamName } from './people/teams.contracts.js';

/** A team and the members whom administrators keep in it (source `local`); those of other sources stay. */
export const TeamManifest = z.strictObject({
  type: z.literal('team'),
  name: TeamName,
  members: z
    .array(Email)
    .max(1_000, { error: 'names more than 1000 people: let SCIM or an identity provider keep such a team' })
    .refine((members) => new Set(members).size === members.length, { error: 'must not name anybody twice' })
    .default([]),
});
export type TeamManifest = z.output<typeof TeamManifest>;

const { description, teams, roles } = ServiceAccountSettings.shape;

/** A service account without its tokens; clients and suspension stay as they are. */
export const ServiceAccountManifest = z.strictObject({
  type: z.literal('service-account'),
  name: Name,
  description: description.default(''),
  teams: teams.default([]),
  roles: roles.default([]),
});
export type ServiceAccountManifest = z.output<typeof ServiceAccountManifest>;

/** As the admin API takes it. A `client_secret` that is absent stays as it is; null takes it away. */
export const IdentityProviderManifest = IdentityProviderInput.safeExtend({
  type: z.literal('identity-provider'),
});
export type IdentityProviderManifest = z.output<typeof IdentityProviderManifest>;

/** A manifest of a kind that auth keeps: who there is, and how they come in. */
export const AccessManifest = z.discriminatedUnion('type', [
  TeamManifest,
  ServiceAccountManifest,
  IdentityProviderManifest,
]);
export type AccessManifest = z.output<typeof AccessManifest>;

/** What is sealed to auth for {@link applyAccessManifests}. */
export const AccessManifests = z.object({
  tenant: Name,
  /** Who asked for it, for the security events: a name, never a secret. */
  by: z.string(),
  dryRun: z.boolean(),
  /** `place` is how a fault names the document: `document 2 (okta)`. */
  documents: z.array(z.object({ place: z.string(), manifest: AccessManifest })),
});
export type AccessManifests = z.output<typeof AccessManifests>;

/** What a document comes to, as manifests in which a secret is `[secret]`. */
export const AccessChange = z.object({
  /** Null: it is not there. */
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()),
  /** A secret is replaced by another one, which the two do not show. */
  newSecret: z.boolean(),
});
export type AccessChange = z.output<typeof AccessChange>;

/**
 * Judges all documents, and applies them unless it is a dry run: one after the other, teams first. What is left undone
 * by a failure in between is done when they are applied again. Replies in the order of the documents.
 */
export const applyAccessManifests = request({
  subject: 'auth.manifest.apply',
  request: z.object({ sealed: Sealed }),
  reply: z.object({ changes: z.array(AccessChange) }),
  callers: ['policy'],
  failures: ['policy.invalid_manifest'],
  deadlineMs: 20_000,
});
