import { errors } from 'oidc-provider';
import { normalizeRegistration } from '../../oidc/requests/registration.js';

const MIN_FRESH_SECONDS = 5 * 60;
const MAX_FRESH_SECONDS = 24 * 3_600;
const AUTH_METHODS: readonly unknown[] = ['none', 'private_key_jwt'];

/** A client's document that cannot be had, or that says what it must not: `invalid_client`, with the reason. */
export class UnusableDocument extends errors.InvalidClient {
  constructor(
    readonly url: string,
    readonly reason: string,
    /** Whether the network or the document's host is at fault, and not what the document says. */
    readonly unreachable = false,
    cause?: unknown,
  ) {
    super(`the client's metadata document ${url} cannot be used: ${reason}`, { cause });
  }
}

/**
 * Whether a client id is the address of a Client ID Metadata Document
 * (draft-ietf-oauth-client-id-metadata-document, section 3): https with a path, no user, no fragment, written just as
 * URLs are compared, so that no two spellings mean one document.
 */
export function isDocumentUrl(id: string): boolean {
  const url = URL.parse(id);
  return (
    url?.protocol === 'https:' &&
    url.href === id &&
    url.pathname !== '/' &&
    url.username + url.password === '' &&
    !id.includes('#')
  );
}

/**
 * Reads a document by the rules for registrations, and those of its own (section 4): it names its own address, and
 * nothing in it is a shared secret.
 *
 * @throws UnusableDocument
 */
export function readDocument(url: string, text: string): Record<string, unknown> {
  const document = parseObject(url, text);
  const refuse = (reason: string): never => {
    throw new UnusableDocument(url, reason);
  };
  if (document['client_id'] !== url) refuse('its client_id is not its own address');
  if ('client_secret' in document || 'client_secret_expires_at' in document)
    refuse('it names a client secret');
  const { token_endpoint_auth_method: method = 'none', ...rest } = document;
  if (!AUTH_METHODS.includes(method)) refuse('its token_endpoint_auth_method is not none or private_key_jwt');
  for (const [member, value] of Object.entries(document))
    if (member.endsWith('_uri') && !isHttps(value)) refuse(`its ${member} is not an https URL`);
  try {
    const metadata = { ...normalizeRegistration(rest), client_id: url, token_endpoint_auth_method: method };
    const { jwks, jwks_uri } = rest;
    return method === 'none' ? metadata : { ...metadata, ...(jwks === undefined ? { jwks_uri } : { jwks }) };
  } catch (error) {
    if (!(error instanceof errors.InvalidClientMetadata)) throw error;
    return refuse(error.error_description ?? error.message);
  }
}

/** For how long a document is good, in seconds: what its headers say (RFC 9111), but 5 minutes at least and a day at most. */
export function freshSeconds(headers: Headers, now = Date.now()): number {
  const [, maxAge] = /(?:^|[\s,])max-age="?(\d+)/i.exec(headers.get('cache-control') ?? '') ?? [];
  const expires = (Date.parse(headers.get('expires') ?? '') - now) / 1_000;
  const told = maxAge === undefined ? expires : Number(maxAge) - Number(headers.get('age') ?? 0);
  return Math.min(MAX_FRESH_SECONDS, Math.max(MIN_FRESH_SECONDS, Math.floor(told) || 0));
}

function parseObject(url: string, text: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new UnusableDocument(url, 'it is not JSON', false, error);
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new UnusableDocument(url, 'it is not a JSON object');
  return document as Record<string, unknown>;
}

function isHttps(value: unknown): boolean {
  return typeof value === 'string' && URL.parse(value)?.protocol === 'https:';
}
