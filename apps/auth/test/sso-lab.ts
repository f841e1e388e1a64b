import { seal } from '@gatehouse/bus';
import {
  getAuthKey,
  saveIdentityProvider,
  type IdentityProviderInput,
  type StoredIdentityProvider,
} from '@gatehouse/contracts';
import {
  Browser,
  left,
  OAuthClient,
  shown,
  type AuthorizationRequest,
  type BrowserPage,
  type LeftFor,
} from '@gatehouse/testing';
import { decodeJwt } from 'jose';
import { startAuth, type AuthServer } from './auth-server.js';

/** What a test says of an identity provider; the rest is as usual. */
export type Given = Partial<Omit<IdentityProviderInput, 'issuer'>> & { issuer: string };

export const CLIENT_SECRET = 'the client secret at the provider';

/** An authorization server that may reach providers on this machine. */
export function startSsoAuth(environment: Record<string, string> = {}): Promise<AuthServer> {
  return startAuth({ GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8', ...environment });
}

/** Writes an identity provider as the admin API does. */
export async function putProvider(
  server: AuthServer,
  given: Given,
  { tenant = 'demo' } = {},
): Promise<StoredIdentityProvider> {
  const bus = server.connect('console');
  const { key } = await bus.request(getAuthKey, {});
  const provider = { name: 'corp', client_id: 'gatehouse', client_secret: CLIENT_SECRET, ...given };
  return bus.request(saveIdentityProvider, { sealed: await seal({ tenant, mode: 'put', provider }, key) });
}

/** A client's sign-in, at our sign-in page in a browser. */
export interface Attempt {
  readonly browser: Browser;
  readonly client: OAuthClient;
  readonly request: AuthorizationRequest;
  readonly page: BrowserPage;
}

export async function atSignIn(
  server: AuthServer,
  { browser = new Browser(), ...parameters }: { browser?: Browser } & Record<string, unknown> = {},
): Promise<Attempt> {
  const client = await OAuthClient.register(server.metadata);
  const given = parameters as Record<string, string>;
  const request = client.authorization({ resource: server.resource(), ...given });
  return { browser, client, request, page: shown(await browser.open(request.url, request.redirectUri)) };
}

/** Goes to a provider by its button, logs in there if it asks, and ends on the page that follows. */
export async function through(
  { browser, page, request }: Attempt,
  button: string,
  user: string,
): Promise<BrowserPage | LeftFor> {
  const until = request.redirectUri;
  const there = await browser.press(page, button, { until });
  if ('leftFor' in there || !there.html.includes('>Log in<')) return there;
  return browser.press(there, 'Log in', { values: { User: user }, until });
}

/** The whole way of a client by a provider: its tokens, and what its access token says. */
export async function connect(
  server: AuthServer,
  { button = 'Continue with corp', user = '', ...parameters }: Record<string, string> = {},
) {
  const attempt = await atSignIn(server, parameters);
  const { client, request, browser } = attempt;
  const page = shown(await through(attempt, button, user));
  const redirect = left(await browser.press(page, 'Approve', { until: request.redirectUri }));
  const tokens = await client.exchange(redirect, request);
  return { attempt, client, tokens, claims: decodeJwt<Record<string, unknown>>(tokens.access_token) };
}
