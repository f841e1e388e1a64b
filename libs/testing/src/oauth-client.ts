import { createHash, randomBytes } from 'node:crypto';
import { Browser, left, shown, type BrowserPage, type Fetch, type LeftFor } from './browser.js';

/** The parts of an authorization server's metadata (RFC 8414) that a client needs. */
export interface ServerMetadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly registration_endpoint: string;
  readonly revocation_endpoint: string;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope: string;
}

/** Nobody listens there: the redirect is caught before it is followed. */
const REDIRECT_URI = 'http://127.0.0.1:33418/callback';

/** Authorization server metadata of an MCP server, found as clients do: 401, RFC 9728, RFC 8414. */
export async function discover(resource: string, fetch: Fetch = globalThis.fetch): Promise<ServerMetadata> {
  const challenge = await fetch(resource, { method: 'POST' });
  await challenge.body?.cancel();
  const header = challenge.headers.get('www-authenticate') ?? '';
  const [, address] = /resource_metadata="([^"]+)"/.exec(header) ?? [];
  if (challenge.status !== 401 || address === undefined)
    throw new Error(`${resource} answered ${challenge.status} without resource_metadata: ${header}`);
  const described = await json<{ authorization_servers: string[] }>(await fetch(address));
  const [issuer] = described.authorization_servers;
  return json<ServerMetadata>(await fetch(`${issuer}/.well-known/oauth-authorization-server`));
}

/** One registered public client of an authorization server, for tests. */
export class OAuthClient {
  private constructor(
    readonly metadata: ServerMetadata,
    readonly clientId: string,
    readonly redirectUri: string,
    private readonly fetch: Fetch,
  ) {}

  /** A client that needs no registration: its id is the URL of its document, or an administrator made it. */
  static known(
    metadata: ServerMetadata,
    clientId: string,
    { redirectUri = REDIRECT_URI, fetch = globalThis.fetch } = {},
  ): OAuthClient {
    return new OAuthClient(metadata, clientId, redirectUri, fetch);
  }

  /** Registers (RFC 7591). `registration` replaces members of an ordinary native client's. */
  static async register(
    metadata: ServerMetadata,
    options: { fetch?: Fetch; registration?: Record<string, unknown> } = {},
  ): Promise<OAuthClient> {
    const fetch: Fetch = options.fetch ?? globalThis.fetch;
    const registration: Record<string, unknown> = {
      client_name: 'Test client',
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...options.registration,
    };
    const response = await fetch(metadata.registration_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(registration),
    });
    const { client_id } = await json<{ client_id: string }>(response);
    const [redirectUri] = registration['redirect_uris'] as string[];
    return new OAuthClient(metadata, client_id, redirectUri ?? REDIRECT_URI, fetch);
  }

  /** An authorization request with PKCE (S256). `parameters` replace its own, or take them away if undefined. */
  authorization(parameters: Record<string, string | undefined>): AuthorizationRequest {
    const verifier = randomBytes(32).toString('base64url');
    const url = new URL(this.metadata.authorization_endpoint);
    const all: Record<string, string | undefined> = {
      response_type: 'code',
      client_id: this.clientId,
      redirect_uri: this.redirectUri,
      state: randomBytes(8).toString('hex'),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...parameters,
    };
    for (const [name, value] of Object.entries(all))
      if (value !== undefined) url.searchParams.set(name, value);
    return { url, verifier, redirectUri: all['redirect_uri'] ?? this.redirectUri };
  }

  /** A token request; the client's id is added. Returns the response whatever it is. */
  token(parameters: Record<string, string>): Promise<Response> {
    return this.post(this.metadata.token_endpoint, parameters);
  }

  revoke(token: string): Promise<Response> {
    return this.post(this.metadata.revocation_endpoint, { token });
  }

  /** @throws Error unless the redirect carries a code, and the code is exchanged for tokens */
  async exchange(redirect: URL, { verifier, redirectUri }: AuthorizationRequest): Promise<Tokens> {
    const code = redirect.searchParams.get('code');
    if (code === null) throw new Error(`no code in ${redirect.href}`);
    const parameters = { grant_type: 'authorization_code', code, code_verifier: verifier };
    return json<Tokens>(await this.token({ ...parameters, redirect_uri: redirectUri }));
  }

  /** @throws Error unless it succeeds */
  async refresh(refreshToken: string, parameters: Record<string, string> = {}): Promise<Tokens> {
    return json<Tokens>(
      await this.token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...parameters }),
    );
  }

  private post(url: string, parameters: Record<string, string>): Promise<Response> {
    return this.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ client_id: this.clientId, ...parameters }).toString(),
    });
  }
}

export interface AuthorizationRequest {
  readonly url: URL;
  readonly verifier: string;
  readonly redirectUri: string;
}

export interface Person {
  readonly email: string;
  readonly password: string;
}

/** Opens an authorization request, signs in and approves where asked to, and returns where the client is sent. */
export async function approve(browser: Browser, request: AuthorizationRequest, person: Person): Promise<URL> {
  const until = request.redirectUri;
  let at: BrowserPage | LeftFor = await browser.open(request.url, until);
  if (!('leftFor' in at) && at.html.includes('>Sign in</button>'))
    at = await browser.press(shown(at), 'Sign in', {
      values: { Email: person.email, Password: person.password },
      until,
    });
  if (!('leftFor' in at)) at = await browser.press(shown(at), 'Approve', { until });
  return left(at);
}

export interface SignIn extends Person {
  /** The MCP server's address, as a person would paste it, or the admin API's. */
  readonly resource: string;
  readonly scope?: string;
  readonly fetch?: Fetch;
  /** Where the resource itself does not answer, as without an edge. */
  readonly metadata?: ServerMetadata;
}

/** The whole sign-in of an MCP client, without a screen: discovery, registration, sign-in, approval, tokens. */
export async function signInHeadless(signIn: SignIn): Promise<Tokens & { client: OAuthClient }> {
  const { resource, scope, fetch = globalThis.fetch } = signIn;
  const metadata = signIn.metadata ?? (await discover(resource, fetch));
  const client = await OAuthClient.register(metadata, { fetch });
  const request = client.authorization({ resource, scope });
  const redirect = await approve(new Browser(fetch), request, signIn);
  if (redirect.searchParams.get('iss') !== metadata.issuer)
    throw new Error(`the redirect does not name the issuer (RFC 9207): ${redirect.href}`);
  return { ...(await client.exchange(redirect, request)), client };
}

async function json<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}
