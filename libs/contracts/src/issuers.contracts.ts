import { z } from 'zod';
import { request } from './contract.js';
import { Name, PublicJwk } from './names.js';

/** Signatures that an issuer may use: a secret shared with it would let us sign in its name (RFC 8725, section 3.2). */
const ALGORITHMS = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA',
] as const; // prettier-ignore

/**
 * `bearer`: its JWTs are taken at MCP endpoints as they are. `exchange`: they are exchanged for access tokens
 * (RFC 8693). `id_jag`: its identity assertions are (draft-ietf-oauth-identity-assertion-authz-grant).
 */
export const IssuerUse = z.enum(['bearer', 'exchange', 'id_jag']);
export type IssuerUse = z.output<typeof IssuerUse>;

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Where keys come from decides who may sign in: https, or a loopback address. */
const IssuerUrl = z
  .url()
  .max(2_000)
  .refine((text) => {
    const url = URL.parse(text);
    return url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  }, 'must begin with https://')
  .refine((text) => {
    const url = URL.parse(text);
    return url?.username === '' && url.password === '' && url.hash === '';
  }, 'must hold no credentials and no fragment');

/** A claim's value; one `*` at the end stands for anything. */
const Pattern = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^*]*\*?$/, 'may hold one * and only at the end');

const Rule = z.strictObject({
  claims: z
    .record(z.string().min(1).max(200), Pattern)
    .refine(
      (claims) => Object.values(claims).some((pattern) => pattern !== '*'),
      'must tell one from another',
    )
    .refine((claims) => Object.keys(claims).length <= 20, 'must be 20 at most'),
  service_account: Name,
});

const PersonMatch = z.strictObject({
  /**
   * `email`: the person with that e-mail address. `identity`: the one who has signed in here by this very issuer.
   * `external_id`: the one to whom SCIM gave that id.
   */
  match: z.enum(['email', 'identity', 'external_id']),
  /** By default `email` or `sub`. */
  claim: z.string().min(1).max(200).optional(),
  /** Of e-mail addresses: the claim `email_verified` must be there and true. False: it may be missing. */
  require_verified: z.boolean().default(true),
});

const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(100);

/** A registered issuer of JWTs, as an administrator writes it. */
export const Issuer = z
  .strictObject({
    name: Name,
    /** Some platforms sign for everybody: their presets refuse rules that would let strangers in. */
    preset: z.enum(['jwt', 'kubernetes', 'github-actions']).default('jwt'),
    /** The claim `iss`, to the letter. */
    issuer: IssuerUrl,
    /** Without it and without `jwks`: found by OpenID Connect discovery at the issuer. */
    jwks_uri: IssuerUrl.optional(),
    /** The keys themselves, for an issuer that cannot be reached from here. */
    jwks: z.strictObject({ keys: z.array(PublicJwk).min(1).max(50) }).optional(),
    /** One of them must be in `aud`. An identity assertion's audience is always Gatehouse itself. */
    audiences: list(z.string().min(1).max(500)).default([]),
    algorithms: z.array(z.enum(ALGORITHMS)).min(1).default(['RS256', 'ES256']),
    uses: z.array(IssuerUse).min(1),
    /** How a person is found; without it, none is. */
    person: PersonMatch.optional(),
    /** The first that fits names the service account; if none does, `person` is tried, else the token is refused. */
    rules: list(Rule).default([]),
    /** Of identity assertions: clients that cannot authenticate may redeem them too. */
    allow_public_clients: z.boolean().default(false),
  })
  .superRefine((issuer, context) => {
    const fault = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (issuer.jwks && issuer.jwks_uri) fault(['jwks'], 'must not be given together with jwks_uri');
    if (issuer.jwks?.keys.some(isSecret)) fault(['jwks'], 'must hold public keys only');
    if (issuer.audiences.length === 0 && issuer.uses.some((use) => use !== 'id_jag'))
      fault(['audiences'], 'must name an audience: else a token for any other service would be good here');
    if (issuer.uses.includes('id_jag') && !issuer.person)
      fault(['person'], 'must say how the person of an identity assertion is found');
    if (!issuer.person && issuer.rules.length === 0) fault(['rules'], 'must hold a rule, or person be given');
    if (issuer.preset !== 'jwt' && issuer.person)
      fault(['person'], 'must not be given: workloads are no people');
    issuer.rules.forEach(({ claims }, i) => {
      const message = faultOfPreset(issuer.preset, claims);
      if (message) fault(['rules', i, 'claims'], message);
    });
  });
export type Issuer = z.output<typeof Issuer>;

function isSecret(jwk: Record<string, unknown>): boolean {
  return jwk['kty'] === 'oct' || 'd' in jwk || 'priv' in jwk || 'k' in jwk;
}

/** What would let in workloads of strangers: a prefix must not end within the part that says whose it is. */
function faultOfPreset(preset: string, claims: Record<string, string>): string | null {
  if (preset === 'kubernetes')
    return /^system:serviceaccount:[^:*]+:/.test(claims['sub'] ?? '')
      ? null
      : 'must hold sub: system:serviceaccount:<namespace>:<name>, and the namespace in full';
  if (preset !== 'github-actions') return null;
  const { repository, repository_id, repository_owner_id, sub } = claims;
  const owned =
    /^[^/*]+\//.test(repository ?? '') ||
    /^repo:[^/*:]+\//.test(sub ?? '') ||
    [repository_id, repository_owner_id].some((id) => /^\d+$/.test(id ?? ''));
  return owned ? null : 'must hold repository: <owner>/<name>, with the owner in full';
}

const Administered = z.object({ tenant: Name, by: z.string() });

export const createIssuer = request({
  subject: 'auth.issuer.create',
  request: Administered.extend({ issuer: Issuer }),
  reply: Issuer,
  callers: ['console'],
  failures: ['auth.issuer_exists'],
});

/** Replaces the registration of that name: what was issued under it ends, on every edge. */
export const replaceIssuer = request({
  subject: 'auth.issuer.replace',
  request: Administered.extend({ issuer: Issuer }),
  reply: Issuer,
  callers: ['console'],
  failures: ['auth.unknown_issuer', 'auth.issuer_exists'],
});

export const deleteIssuer = request({
  subject: 'auth.issuer.delete',
  request: Administered.extend({ name: Name }),
  reply: z.object({}),
  callers: ['console'],
  failures: ['auth.unknown_issuer'],
});

export const showIssuer = request({
  subject: 'auth.issuer.show',
  request: z.object({ tenant: Name, name: Name }),
  reply: Issuer,
  callers: ['console'],
  failures: ['auth.unknown_issuer'],
});

/** By name; `after` is the last name of the page before. */
export const listIssuers = request({
  subject: 'auth.issuer.list',
  request: z.object({ tenant: Name, limit: z.number().int().min(1), after: Name.nullable() }),
  reply: z.object({ items: z.array(Issuer), next: z.string().nullable() }),
  callers: ['console'],
});
