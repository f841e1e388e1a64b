import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuthClient, TestIdentityProvider } from '@gatehouse/testing';
import { decodeJwt } from 'jose';
import { chromium, type Browser } from 'playwright-core';
import type { AuthServer } from '../../test/auth-server.js';
import { CLIENT_SECRET, putProvider, startSsoAuth } from '../../test/sso-lab.js';

const CHROMIUM = {
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
};

let server: AuthServer;
let idp: TestIdentityProvider;
let browser: Browser;
let listener: Server;
beforeAll(async () => {
  server = await startSsoAuth();
  const redirect_uris = [`${server.origin}/sso/callback`];
  idp = await TestIdentityProvider.start({
    clients: [{ client_id: 'gatehouse', client_secret: CLIENT_SECRET, redirect_uris }],
    people: { jane: { email: 'jane@corp.example', email_verified: true, groups: ['devs'] } },
    thinTokens: true,
  });
  const domains = ['corp.example'];
  await putProvider(server, {
    issuer: idp.issuer,
    display_name: 'Corp <b>"SSO"</b>',
    domains,
    team_prefix: 'corp:',
  });
  browser = await chromium.launch(CHROMIUM);
  listener = createServer((_, response) => response.end('<h1>Signed in</h1>'));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
}, 60_000);
afterAll(async () => {
  await browser?.close();
  listener?.close();
  await server?.close();
  await idp?.stop();
});

it('a person goes from a client to the provider, approves, and the client gets its token', async () => {
  const redirect_uri = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`;
  const client = await OAuthClient.register(server.metadata, { registration: { client_name: 'My IDE' } });
  const request = client.authorization({ resource: server.resource(), redirect_uri });
  const context = await browser.newContext();
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('console', (message) => {
    if (!message.location().url.endsWith('/favicon.ico')) trouble.push(message.text());
  });
  await page.goto(request.url.href);
  await page.getByRole('textbox', { name: 'Email' }).fill('jane@corp.example');
  await page.getByRole('button', { name: 'Sign in' }).click();
  // The provider is given the address, and knows people by another name.
  await page.getByRole('textbox', { name: 'User' }).fill('jane');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'My IDE' }).waitFor();
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('heading', { name: 'Signed in' }).waitFor();
  const { access_token } = await client.exchange(new URL(page.url()), request);
  expect(decodeJwt(access_token)).toMatchObject({ name: 'jane@corp.example', teams: ['corp:devs'] });

  // The second time by the button; provider and approval are remembered.
  await context.clearCookies({ name: 'gatehouse_session' });
  await page.goto(request.url.href);
  await page.getByRole('button', { name: 'Continue with Corp <b>"SSO"</b>' }).click();
  await page.getByRole('heading', { name: 'Signed in' }).waitFor();
  const cookies = (await context.cookies()).filter(({ name }) => name === 'gatehouse_sso');
  expect(cookies).toMatchObject([
    { httpOnly: true, sameSite: 'Lax' },
    { httpOnly: true, sameSite: 'Lax' },
  ]);
  expect(trouble).toEqual([]);
}, 60_000);
