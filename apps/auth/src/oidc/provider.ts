import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import {
  errors,
  Provider,
  type Configuration,
  type KoaContextWithOIDC,
  type ResourceServer,
} from 'oidc-provider';
import { TOKEN_PREFIX } from '@gatehouse/contracts';
import { WORKLOAD_CLIENT, type MachineGrants } from '../issuers/grants/machine-grants.js';
import type { Log } from '../log.js';
import { digest, opaqueSecret } from '../opaque-secret.js';
import { sendErrorPage } from '../pages/error-page.js';
import type { AccessTokens } from '../tokens/access-tokens.store.js';
import type { People } from '../people/people.store.js';
import { findAccount } from './account.js';
import { adapterFor, type AdapterParts } from './adapter.js';
import { normalizeAuthorizationRequest } from './requests/authorization-request.js';
import { accessTokenClaims } from './access-token.js';
import type { ExistingGrants } from './existing-grant.js';
import { limitGuesses } from './requests/guesses.js';
import { interactions } from './interaction-policy.js';
import { noteMisusedTokens } from './misused-tokens.js';
import { publishedMetadata } from './metadata.js';
import { RETRY_AFTER_SECONDS } from './outage.js';
import { answerForAccessTokens } from './structured-tokens.js';
import { normalizeRegistration } from './requests/registration.js';
import { parseResource, possibleScopes } from './requests/resource.js';
import type { SessionAge } from '../sso/session-age.js';
import type { SigningKeys } from './keys/signing-keys.js';
import { EngineSigningKey } from './keys/engine-signing-key.js';
import { CODE_LIFETIME } from './oidc-state.store.js';

const HOUR = 3_600;
const DAY = 24 * HOUR;

export interface ProviderParts extends AdapterParts {
  readonly issuer: string;
  readonly accessTokenSeconds: number;
  readonly keys: SigningKeys;
  readonly people: People;
  readonly grants: ExistingGrants;
  readonly tokens: AccessTokens;
  /** Fetches the keys of clients that have them at an address. */
  readonly fetch: typeof globalThis.fetch;
  readonly age: SessionAge;
  readonly machineGrants: MachineGrants;
  readonly log: Log;
}

/** The authorization server: oidc-provider, set up by our rules. */
export function createProvider(parts: ProviderParts): Provider {
  const provider = new Provider(parts.issuer, configurationOf(parts));
  // Believes the X-Forwarded-Proto that pinPublicOrigin sets, and through it nobody else's.
  provider.proxy = true;
  // read for each request: secrets are replaced while we run
  Object.defineProperty(provider, 'keys', { get: () => parts.keys.cookieSecrets() });
  provider.Client.prototype.compareClientSecret = secretFits;
  parts.machineGrants.register(provider, (ctx, indicator) => resourceServer(ctx, indicator, parts));
  provider.use((ctx, next) => {
    // The engine's router ignores case, and a slash at the end.
    if (/^\/authorize\/?$/i.test(ctx.path))
      ctx.querystring = normalizeAuthorizationRequest(
        new URLSearchParams(ctx.querystring),
        parts.issuer,
      ).toString();
    return next();
  });
  provider.use(async (ctx, next) => {
    await next();
    await answerForAccessTokens(ctx, parts.tokens);
    if (ctx.status === 503) ctx.set('Retry-After', String(RETRY_AFTER_SECONDS));
    const { oidc } = ctx as Partial<KoaContextWithOIDC>;
    if (oidc?.route === 'discovery' && ctx.status === 200) ctx.body = publishedMetadata(ctx.body as object);
    if (oidc?.route === 'jwks') ctx.body = { keys: parts.keys.publicKeys() };
  });
  provider.use(limitGuesses());
  const failed = (error: Error) => parts.log.error({ err: error }, 'the authorization server failed');
  (provider as EventEmitter).on('error', failed);
  provider.on('server_error', (_ctx, error) => failed(error));
  noteMisusedTokens(provider, parts.state, parts.log);
  return provider;
}

function configurationOf(parts: ProviderParts): Configuration {
  return {
    adapter: adapterFor(parts),
    fetch: parts.fetch,
    jwks: { keys: [new EngineSigningKey(parts.keys)] },
    clients: [WORKLOAD_CLIENT],
    cookies: cookies(parts),
    findAccount: (_ctx, id) => findAccount(parts.people, id),
    loadExistingGrant: (ctx) => parts.grants.find(ctx),
    extraTokenClaims: (ctx, token) => accessTokenClaims(ctx, token),
    features: features(parts),
    interactions: {
      policy: interactions(parts.issuer, parts.age),
      url: (_ctx, { uid }) => `/interaction/${uid}`,
    },
    renderError: (ctx, out, error) => sendErrorPage(ctx, out, error),
    // A client stays signed in when the browser is closed: its grant ends by itself.
    expiresWithSession: () => false,
    issueRefreshToken: () => true,
    rotateRefreshToken: () => true,
    revokeGrantPolicy: () => true,
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: (_ctx, origin, client) =>
      client.redirectUris?.some((uri) => URL.parse(uri)?.origin === origin) === true,
    responseTypes: ['code'],
    scopes: [],
    claims: {},
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    discovery: { client_id_metadata_document_supported: true },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256'],
      clientAuthSigningAlgValues: ['ES256', 'EdDSA', 'PS256', 'RS256'],
    },
    routes: {
      authorization: '/authorize',
      token: '/token',
      registration: '/register',
      revocation: '/revoke',
      introspection: '/introspect',
      jwks: '/jwks',
    },
    ttl: {
      AccessToken: parts.accessTokenSeconds,
      AuthorizationCode: CODE_LIFETIME,
      // A grant outlives its refresh tokens: after a year the person is asked again.
      Grant: 365 * DAY,
      IdToken: HOUR,
      Interaction: HOUR,
      RefreshToken: 90 * DAY,
      Session: 12 * HOUR,
    },
  };
}

function features(parts: ProviderParts): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    userinfo: { enabled: false },
    externalSigningSupport: { enabled: true, ack: 'experimental-01' },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    introspection: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) =>
        client.clientAuthMethod !== 'none' && token.clientId === client.clientId,
    },
    registration: {
      enabled: true,
      issueRegistrationAccessToken: false,
      // The one place between the engine's reading of the body and its making a client of it.
      idFactory: (ctx) => {
        const oidc = ctx.oidc as { body?: Record<string, unknown> };
        oidc.body = normalizeRegistration(oidc.body ?? {});
        return randomBytes(16).toString('base64url');
      },
      secretFactory: () => opaqueSecret(TOKEN_PREFIX.clientSecret),
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_ctx, _client, oneOf) => {
        if (oneOf) return oneOf;
        throw new errors.InvalidTarget(
          'resource is missing: name the MCP server that the token is for (RFC 8707)',
        );
      },
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, indicator) => resourceServer(ctx, indicator, parts),
    },
  };
}

function resourceServer(ctx: KoaContextWithOIDC, indicator: string, parts: ProviderParts): ResourceServer {
  if (Array.isArray(ctx.oidc.params?.['resource']))
    throw new errors.InvalidTarget('resource must be given once: a token is for one server');
  const resource = parseResource(parts.issuer, indicator);
  if (!resource)
    throw new errors.InvalidTarget(`resource must be an MCP server's address under ${parts.issuer}`);
  return {
    scope: possibleScopes(resource, askedScopes(ctx)).join(' '),
    audience: resource.url,
    accessTokenTTL: parts.accessTokenSeconds,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  };
}

/** All scopes that this request is about: a code and a refresh token stand for those that were asked for once. */
function askedScopes({ oidc }: KoaContextWithOIDC): string {
  const { AuthorizationCode: code, RefreshToken: refreshToken } = oidc.entities;
  return [oidc.params?.['scope'], code?.scope, refreshToken?.scope].filter(Boolean).join(' ');
}

function cookies({ issuer }: ProviderParts): Configuration['cookies'] {
  const secure = issuer.startsWith('https:');
  const options = { httpOnly: true, sameSite: 'lax', secure, signed: true } as const;
  return {
    long: options,
    short: options,
    names: {
      session: secure ? '__Host-gatehouse_session' : 'gatehouse_session',
      // These two have a path, which the prefix __Host- forbids.
      interaction: secure ? '__Secure-gatehouse_interaction' : 'gatehouse_interaction',
      resume: secure ? '__Secure-gatehouse_resume' : 'gatehouse_resume',
    },
  };
}

/** Client secrets are stored as hashes (see OidcState). */
function secretFits(this: { clientSecret?: string }, actual: string): boolean {
  const stored = Buffer.from(this.clientSecret ?? '');
  const given = Buffer.from(digest(actual));
  return stored.length === given.length && timingSafeEqual(stored, given);
}
