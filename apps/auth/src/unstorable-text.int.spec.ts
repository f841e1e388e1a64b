import { Browser, fillForm, OAuthClient, shown } from '@gatehouse/testing';
import { startAuth, type AuthServer } from '../test/auth-server.js';

let server: AuthServer;
let client: OAuthClient;
beforeAll(async () => {
  server = await startAuth();
  client = await OAuthClient.register(server.metadata);
});
afterAll(() => server.close());

const request = (parameters: Record<string, string>) =>
  fetch(client.authorization({ resource: server.resource(), ...parameters }).url, { redirect: 'manual' });

const register = (member: object) =>
  fetch(server.metadata.registration_endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://a.example/cb'], ...member }),
  });

/** Sends the sign-in form, in the browser that shows it. */
async function signIn(values: { Email: string; Password: string }): Promise<Response> {
  const browser = new Browser();
  const page = shown(await browser.open(client.authorization({ resource: server.resource() }).url));
  const { action, body } = fillForm(page, 'Sign in', values);
  const headers = { cookie: browser.cookieHeader(action) };
  return fetch(action, { method: 'POST', body, headers, redirect: 'manual' });
}

it.each<[string, () => Promise<Response>]>([
  ['client_id', () => request({ client_id: '\0' })],
  ['state', () => request({ state: 'a\0' })],
  ['login_hint', () => request({ login_hint: '\0' })],
  ['redirect_uri', () => request({ redirect_uri: 'http://127.0.0.1/\0' })],
  ['client_id of a token request', () => client.token({ grant_type: 'refresh_token', client_id: '\0' })],
  ['code', () => client.token({ grant_type: 'authorization_code', code: '\0', redirect_uri: 'x' })],
  ['redirect_uris', () => register({ redirect_uris: ['cursor://a/\0'] })],
  ['redirect_uris with half a character', () => register({ redirect_uris: ['cursor://a/\ud800'] })],
  ['client_uri', () => register({ client_uri: 'https://a.example/\ud800' })],
  ['client_name', () => register({ client_name: 'a\0\ud800' })],
  ['email', () => signIn({ Email: 'a\0@example.com', Password: 'x' })],
  ['password', () => signIn({ Email: 'a@example.com', Password: '\0' })],
])('text that the database cannot hold is not our failure: %s', async (_what, send) => {
  const { status, headers } = await send();
  expect([200, 201, 303, 400, 401]).toContain(status);
  expect(headers.get('location') ?? '').not.toContain('server_error');
});
