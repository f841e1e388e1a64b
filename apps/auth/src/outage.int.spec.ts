import { Browser, left, OAuthClient, shown, signInHeadless } from '@gatehouse/testing';
import { ADMIN, startAuth, type AuthServer } from '../test/auth-server.js';

let server: AuthServer;
beforeAll(async () => {
  server = await startAuth();
});
afterAll(() => server.close());

it('without a database nobody loses a token: clients and people are told to come back', async () => {
  const { client, refresh_token } = await signInHeadless({
    ...{ resource: server.resource(), metadata: server.metadata, ...ADMIN },
  });
  const request = client.authorization({ resource: server.resource() });
  const browser = new Browser();
  const signIn = shown(await browser.open(request.url));
  server.databaseSwitch.cut();

  const refusals = [
    await client.token({ grant_type: 'refresh_token', refresh_token }),
    await client.revoke(refresh_token),
    await fetch(server.metadata.registration_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"redirect_uris":["https://a.example/cb"]}',
    }),
  ];
  for (const response of refusals) {
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' });
  }
  const values = { Email: ADMIN.email, Password: ADMIN.password };
  for (const page of [
    shown(await new Browser().open(request.url, request.redirectUri)),
    shown(await browser.press(signIn, 'Sign in', { values })),
    shown(await new Browser().open(`${server.origin}/setup?token=x`)),
  ]) {
    expect(page.status).toBe(503);
    expect(page.headers.get('retry-after')).not.toBeNull();
    expect(page.html).toContain('Nothing is wrong with your account');
  }

  server.databaseSwitch.mend();
  await expect(client.refresh(refresh_token)).resolves.toBeDefined();
  const redirect = left(await browser.press(signIn, 'Sign in', { values, until: request.redirectUri }));
  await expect(client.exchange(redirect, request)).resolves.toBeDefined();
});

it('without the policy service nobody is let in, nor told that they may not', async () => {
  const fresh = await startAuth({}, { policy: false });
  const client = await OAuthClient.register(fresh.metadata);
  const browser = new Browser();
  const request = client.authorization({ resource: fresh.resource() });
  const signIn = shown(await browser.open(request.url));
  const values = { Email: ADMIN.email, Password: ADMIN.password };
  expect(shown(await browser.press(signIn, 'Sign in', { values })).status).toBe(503);
  await fresh.close();
});
