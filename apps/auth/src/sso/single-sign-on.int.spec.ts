import { left, shown, TestIdentityProvider } from '@gatehouse/testing';
import { decodeJwt } from 'jose';
import type { AuthServer } from '../../test/auth-server.js';
import { atSignIn, CLIENT_SECRET, putProvider, startSsoAuth, through } from '../../test/sso-lab.js';

let server: AuthServer;
let idp: TestIdentityProvider;
beforeAll(async () => {
  server = await startSsoAuth();
  idp = await TestIdentityProvider.start({
    clients: [
      {
        client_id: 'gatehouse',
        client_secret: CLIENT_SECRET,
        redirect_uris: [`${server.origin}/sso/callback`],
      },
    ],
    people: {},
  });
  await putProvider(server, {
    issuer: idp.issuer,
    display_name: 'Corp',
    domains: ['corp.example'],
    groups: { devs: 'dev' },
  });
});
afterAll(async () => {
  await server?.close();
  await idp?.stop();
});

it('signs a person in by their provider, from the client to its token', async () => {
  idp.people.set('jane', {
    email: 'Jane@corp.example',
    email_verified: true,
    name: 'Jane',
    groups: ['devs', 'others'],
  });
  const attempt = await atSignIn(server);
  const approval = shown(await through(attempt, 'Continue with Corp', 'jane'));
  expect(approval.html).toContain('jane@corp.example');
  const { browser, client, request } = attempt;
  const redirect = left(await browser.press(approval, 'Approve', { until: request.redirectUri }));
  const { access_token } = await client.exchange(redirect, request);
  expect(decodeJwt(access_token)).toMatchObject({
    tenant: 'demo',
    name: 'jane@corp.example',
    teams: ['dev'],
  });
});
