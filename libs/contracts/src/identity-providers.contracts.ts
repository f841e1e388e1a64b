import { z } from 'zod';
import { request } from './contract.js';
import { Name, Sealed } from './names.js';

export const IDENTITY_PROVIDER_PRESETS = ['oidc', 'okta', 'entra', 'google', 'keycloak'] as const;

const EmailDomain = z
  .string()
  .toLowerCase()
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/,
    'must be a domain such as example.com',
  );
const ClaimName = z.string().min(1).max(200);
const Group = z.string().min(1).max(256);
const Team = z.string().min(1).max(256);

/** An OpenID Connect provider of a tenant, as a manifest of kind `identity-provider` describes it. No secret in it. */
const Fields = z.strictObject({
  name: Name,
  /** What the button says: `Continue with <display_name>`. Unset: the name. */
  display_name: z.string().min(1).max(60).optional(),
  preset: z.enum(IDENTITY_PROVIDER_PRESETS).default('oidc'),
  /** As the provider's discovery document gives it, character by character. */
  issuer: z
    .url()
    .refine((text) => !/[?#@]/.test(text), 'must have no query, fragment or user in it')
    .refine(
      (text) => /^(?:https:|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])[:/])/.test(`${text}/`),
      'must begin with https:// (http:// is for this machine alone)',
    )
    .refine(
      (text) => !/^https:\/\/login\.microsoftonline\.com\/(?:common|organizations|consumers)\//.test(text),
      'must name one Entra tenant: https://login.microsoftonline.com/<tenant id>/v2.0',
    ),
  client_id: z.string().min(1).max(255),
  /** Unset: what the preset needs. `openid` is added. */
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/))
    .max(30)
    .optional(),
  /** E-mail domains that this provider speaks for: nobody of another domain is let in. Empty: any verified e-mail. */
  domains: z.array(EmailDomain).max(100).default([]),
  /** Names of claims; a dot leads into an object (`realm_access.roles`). */
  claims: z
    .strictObject({
      email: ClaimName.optional(),
      email_verified: ClaimName.optional(),
      name: ClaimName.optional(),
      groups: ClaimName.optional(),
    })
    .default({}),
  /** The provider's group -> our team. */
  groups: z.record(Group, Team).default({}),
  /** Each group that is not in `groups` becomes the team `<team_prefix><group>`. */
  team_prefix: z.string().min(1).max(60).optional(),
  /** Whoever is in none of these groups is refused. */
  allowed_groups: z.array(Group).max(500).optional(),
  /**
   * Where too many groups for a token are asked for, with the person's access token (Microsoft Graph's
   * getMemberObjects): at the issuer's own origin, or at a Microsoft Graph.
   */
  groups_endpoint: z.url({ protocol: /^https?$/ }).optional(),
  /** Hours after which the browser must come back to the provider. */
  max_session_hours: z.number().int().min(1).max(12).default(12),
  enabled: z.boolean().default(true),
});
const MICROSOFT_GRAPHS = [
  'https://graph.microsoft.com',
  'https://graph.microsoft.us',
  'https://dod-graph.microsoft.us',
  'https://microsoftgraph.chinacloudapi.cn',
];
export const IdentityProvider = Fields.refine(
  ({ preset, domains }) => preset !== 'google' || domains.length > 0,
  { path: ['domains'], message: 'must name your Workspace domains: anybody has a Google account' },
).refine(
  ({ issuer, groups_endpoint: endpoint }) =>
    endpoint === undefined ||
    [new URL(issuer).origin, ...MICROSOFT_GRAPHS].includes(new URL(endpoint).origin),
  { path: ['groups_endpoint'], message: "must be at the issuer's own origin, or at a Microsoft Graph" },
);
export type IdentityProvider = z.output<typeof IdentityProvider>;

/** As stored; of the client secret only whether there is one. */
export const StoredIdentityProvider = Fields.extend({
  has_client_secret: z.boolean(),
  created: z.string(),
  updated: z.string(),
});
export type StoredIdentityProvider = z.output<typeof StoredIdentityProvider>;

/** What an administrator writes. A `client_secret` that is absent stays as it is; null takes it away. */
export const IdentityProviderInput = IdentityProvider.safeExtend({
  client_secret: z.string().min(1).max(4_096).nullable().optional(),
});
export type IdentityProviderInput = z.output<typeof IdentityProviderInput>;

const CALLERS = ['console'] as const;
const ofTenant = z.object({ tenant: Name });
const one = ofTenant.extend({ name: Name });

export const listIdentityProviders = request({
  subject: 'auth.identity-provider.list',
  request: ofTenant,
  reply: z.object({ items: z.array(StoredIdentityProvider) }),
  callers: CALLERS,
});

/** Makes or replaces; sealed, for it may carry the client secret. */
export const saveIdentityProvider = request({
  subject: 'auth.identity-provider.save',
  request: z.object({ sealed: Sealed }),
  reply: StoredIdentityProvider,
  callers: CALLERS,
  failures: [
    'auth.unknown_identity_provider',
    'auth.identity_provider_exists',
    'auth.identity_provider_clash',
    'auth.last_way_in',
    'api.invalid_request',
  ],
});
/** What is sealed to auth for {@link saveIdentityProvider}. */
export const SaveIdentityProvider = ofTenant.extend({
  /** `create` refuses a name that is taken, `replace` one that is not; `put` takes both. */
  mode: z.enum(['create', 'replace', 'put']),
  provider: IdentityProviderInput,
});

/** Forgets a provider, its client secret, who is linked to it, and the memberships that it kept. */
export const deleteIdentityProvider = request({
  subject: 'auth.identity-provider.delete',
  request: one,
  reply: z.object({}),
  callers: CALLERS,
  failures: ['auth.unknown_identity_provider', 'auth.last_way_in'],
});

/** Asks the provider for what a sign-in needs of it, short of a person. */
export const testIdentityProvider = request({
  subject: 'auth.identity-provider.test',
  request: one,
  reply: z.object({
    ok: z.boolean(),
    redirect_uri: z.string(),
    checks: z.array(z.object({ check: z.string(), ok: z.boolean(), detail: z.string() })),
  }),
  callers: ['console'],
  failures: ['auth.unknown_identity_provider'],
  deadlineMs: 20_000,
});

export const SignInSettings = z.strictObject({
  /** `off`: nobody signs in by a password of ours. */
  local_accounts: z.enum(['on', 'off']),
});

export const getSignInSettings = request({
  subject: 'auth.sign-in-settings.get',
  request: ofTenant,
  reply: SignInSettings,
  callers: CALLERS,
});

export const setSignInSettings = request({
  subject: 'auth.sign-in-settings.set',
  request: ofTenant.extend(SignInSettings.shape),
  reply: SignInSettings,
  callers: CALLERS,
  failures: ['auth.last_way_in'],
});
