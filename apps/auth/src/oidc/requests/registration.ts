import { errors } from 'oidc-provider';
import { arePublicKeys } from '../../clients/public-keys.js';

const MAX_REDIRECT_URIS = 20;
const MAX_URI_LENGTH = 2_000;
const MAX_NAME_LENGTH = 1_000;
const SHOWN_NAME_LENGTH = 80;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const GRANT_TYPES = ['authorization_code', 'refresh_token'];
const AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post'];
/** Schemes that run or read something in the browser instead of handing the code to an app. */
const DANGEROUS_SCHEMES = new Set(
  [
    'javascript',
    'vbscript',
    'data',
    'blob',
    'file',
    'filesystem',
    'about',
    'view-source',
    'ws',
    'wss',
    'ftp',
  ].map((scheme) => `${scheme}:`),
);
/** Host names safe to be written into a Content-Security-Policy: `;` and `,` are legal in a URL's host. */
const PLAIN_HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/;

type Metadata = Record<string, unknown>;

/**
 * Makes a registration (RFC 7591) of a real client one that fits: members that we have no use for are dropped,
 * and the application type follows from the redirect URIs, since many clients send none or a wrong one.
 * `scope` is dropped too: what a client may do is asked for and approved at each authorization.
 *
 * @throws errors.InvalidClientMetadata `invalid_redirect_uri` or `invalid_client_metadata`
 */
export function normalizeRegistration(body: Metadata): Metadata {
  if (Object.hasOwn(body, '__proto__')) refuse('__proto__ is not client metadata');
  if (body['jwks'] !== undefined && !arePublicKeys(body['jwks'])) refuse('jwks must hold public keys only');
  const redirects = redirectUris(body['redirect_uris']);
  return {
    redirect_uris: redirects.map(({ uri }) => uri),
    application_type: redirects.some(({ native }) => native) ? 'native' : 'web',
    grant_types: grantTypes(body['grant_types']),
    response_types: responseTypes(body['response_types']),
    ...given('token_endpoint_auth_method', authMethod(body['token_endpoint_auth_method'])),
    ...given('client_name', clientName(body['client_name'])),
    ...given('client_uri', webUri(body['client_uri'])),
  };
}

function redirectUris(value: unknown): Array<{ uri: string; native: boolean }> {
  if (!Array.isArray(value) || value.length === 0)
    refuse('redirect_uris must be a list with at least one URI');
  if (value.length > MAX_REDIRECT_URIS) refuse(`redirect_uris may hold ${MAX_REDIRECT_URIS} URIs at most`);
  return [...new Set<unknown>(value)].map(redirectUri);
}

function redirectUri(uri: unknown): { uri: string; native: boolean } {
  if (typeof uri !== 'string' || uri.length > MAX_URI_LENGTH)
    refuse(`redirect_uris must hold URIs of ${MAX_URI_LENGTH} characters at most`);
  const url = URL.parse(uri);
  if (!url || /[\s\\\p{C}]/u.test(uri)) refuse('redirect_uris must hold absolute URIs');
  if (url.hash !== '' || uri.includes('#')) refuse('redirect_uris must not hold fragments');
  if (url.username !== '' || url.password !== '') refuse('redirect_uris must not hold credentials');
  if (DANGEROUS_SCHEMES.has(url.protocol)) refuse(`redirect_uris must not use the scheme ${url.protocol}`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { uri, native: true };
  if (!PLAIN_HOST.test(url.hostname)) refuse('redirect_uris must have plain host names');
  const loopback = LOOPBACK.has(url.hostname);
  if (url.protocol === 'http:' && !loopback)
    refuse('redirect_uris may use http with localhost, 127.0.0.1 and [::1] only: use https');
  return { uri, native: loopback };
}

function grantTypes(value: unknown): string[] {
  if (value !== undefined && !(Array.isArray(value) && value.includes('authorization_code')))
    refuse('grant_types must include authorization_code');
  return GRANT_TYPES;
}

function responseTypes(value: unknown): string[] {
  if (value !== undefined && !(Array.isArray(value) && value.includes('code')))
    refuse('response_types must include code');
  return ['code'];
}

function authMethod(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && AUTH_METHODS.includes(value)) return value;
  return refuse(`token_endpoint_auth_method must be one of ${AUTH_METHODS.join(', ')}`);
}

/** A name to be shown to people: no control, direction or other invisible characters, and short. */
function clientName(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value.length > MAX_NAME_LENGTH)
    return refuse(`client_name must be a text of ${MAX_NAME_LENGTH} characters at most`);
  const shown = value.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim();
  return [...shown].slice(0, SHOWN_NAME_LENGTH).join('') || undefined;
}

function webUri(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_URI_LENGTH || /\p{C}/u.test(value)) return undefined;
  return ['http:', 'https:'].includes(URL.parse(value)?.protocol ?? '') ? value : undefined;
}

function given(name: string, value: string | undefined): Metadata {
  return value === undefined ? {} : { [name]: value };
}

function refuse(reason: string): never {
  throw new errors.InvalidClientMetadata(reason);
}
