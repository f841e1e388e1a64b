import { parseChallenges } from '@gatehouse/mcp';
import {
  allowInsecureRequests,
  type Configuration,
  discovery,
  dynamicClientRegistration,
  None,
  type ServerMetadata,
} from 'openid-client';
import { z } from 'zod';
import { describeError } from '../describe-error.js';
import { Unexpected } from './unexpected.js';

const TIMEOUT_MS = 15_000;

/** What a server's 401 says (RFC 6750 section 3, RFC 9728 section 5.1). */
export interface Challenge {
  /** Absent: look at the well-known address. */
  metadataUrl?: string;
  scope?: string;
}

const ResourceMetadata = z.object({
  resource: z.string(),
  authorization_servers: z.array(z.url()).min(1),
  scopes_supported: z.array(z.string()).optional(),
});
export type ResourceMetadata = z.output<typeof ResourceMetadata>;

/** Calls a protected address without a token, as a client does first. @throws Unexpected unless it is a 401 */
export async function provokeChallenge(url: string, init: RequestInit = {}): Promise<Challenge> {
  const response = await send(url, init);
  await response.body?.cancel();
  const header = response.headers.get('www-authenticate');
  if (response.status !== 401) throw new Unexpected(`status ${response.status}`, cureOf(response.status));
  const bearer = parseChallenges(header ?? '').find(({ scheme }) => scheme.toLowerCase() === 'bearer');
  if (!bearer) throw new Unexpected(`status 401 with WWW-Authenticate: ${header ?? '(none)'}`);
  const metadataUrl = bearer.params.get('resource_metadata');
  const scope = bearer.params.get('scope');
  return { ...(metadataUrl && { metadataUrl }), ...(scope && { scope }) };
}

function cureOf(status: number): { cure?: string } {
  if (status === 404) return { cure: 'Check the URL: is it pasted whole, with nothing after it?' };
  if (status === 503) return { cure: 'The server is not ready, or a part of it is down. Try again shortly.' };
  return status < 300 ? { cure: 'This server asks nobody to sign in.' } : {};
}

/** Reads the resource metadata (RFC 9728). @throws Unexpected unless it speaks for the very URL that was pasted */
export async function readResourceMetadata(url: string, challenge: Challenge): Promise<ResourceMetadata> {
  const { origin, pathname } = new URL(url);
  const address =
    challenge.metadataUrl ??
    `${origin}/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`;
  const response = await send(address, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Unexpected(`status ${response.status} from ${address}`);
  const parsed = ResourceMetadata.safeParse(await response.json().catch(() => null));
  if (!parsed.success) throw new Unexpected(`${address}: ${z.prettifyError(parsed.error)}`);
  if (parsed.data.resource !== url)
    throw new Unexpected(`"resource": ${JSON.stringify(parsed.data.resource)}`, {
      cure: 'Paste the URL exactly as the server names itself, or correct the public URL in its configuration.',
    });
  return parsed.data;
}

/** An authorization server, and by which of the two ways its metadata was found. */
export interface AuthorizationServer {
  issuer: string;
  metadata: ServerMetadata;
  algorithm: 'oauth2' | 'oidc';
}

/** Finds an authorization server's metadata (RFC 8414, else OpenID Connect Discovery). @throws Unexpected */
export async function findAuthorizationServer(issuer: string): Promise<AuthorizationServer> {
  const found = await readServerMetadata(issuer, 'oauth2').catch((error: unknown) =>
    readServerMetadata(issuer, 'oidc').catch(() => {
      throw error;
    }),
  );
  const { metadata } = found;
  if (metadata.issuer !== issuer)
    throw new Unexpected(`"issuer": ${JSON.stringify(metadata.issuer)}, not ${JSON.stringify(issuer)}`);
  if (!metadata.code_challenge_methods_supported?.includes('S256'))
    throw new Unexpected('"code_challenge_methods_supported" without "S256"');
  if (metadata.registration_endpoint === undefined)
    throw new Unexpected('no "registration_endpoint"', {
      cure: 'Switch dynamic client registration on: clients that the server has never seen cannot sign in.',
    });
  return found;
}

async function readServerMetadata(
  issuer: string,
  algorithm: AuthorizationServer['algorithm'],
): Promise<AuthorizationServer> {
  const options = optionsFor(issuer, algorithm);
  const found = await discovery(new URL(issuer), 'not registered yet', undefined, None(), options);
  return { issuer, metadata: found.serverMetadata(), algorithm };
}

/** Registers a native public client (RFC 7591). */
export function register(server: AuthorizationServer, redirectUri: string): Promise<Configuration> {
  return dynamicClientRegistration(
    new URL(server.issuer),
    {
      client_name: 'Gatehouse CLI',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: [redirectUri],
    },
    None(),
    optionsFor(server.issuer, server.algorithm),
  );
}

function optionsFor(issuer: string, algorithm: AuthorizationServer['algorithm']) {
  // plain http only where the issuer itself is: on loopback, or where the server's owner chose it
  const execute = issuer.startsWith('http:') ? [allowInsecureRequests] : [];
  return { algorithm, execute, timeout: TIMEOUT_MS / 1_000 };
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS), ...init });
  } catch (error) {
    throw new Unexpected(`no answer from ${new URL(url).origin}: ${describeError(error)}`, {
      cure: 'Is the server running, and is its address right?',
    });
  }
}
