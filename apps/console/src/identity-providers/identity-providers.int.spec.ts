import { TransportKey } from '@gatehouse/bus';
import * as contracts from '@gatehouse/contracts';
import { Failure } from '@gatehouse/contracts';
import { Rig } from '../../test/rig.js';

const PROVIDERS = '/api/v1/identity-providers';
const SETTINGS = '/api/v1/settings/sign-in';
const okta = { name: 'okta', preset: 'okta', issuer: 'https://corp.okta.com', client_id: 'gatehouse' };
const stored = {
  ...contracts.IdentityProvider.parse(okta),
  ...{ has_client_secret: true, created: '2026-11-24T00:00:00Z', updated: '2026-11-24T00:00:00Z' },
};

let rig: Rig;
const asked: unknown[] = [];

/** The auth service, which knows one provider. */
async function playProviders({ auth }: Rig): Promise<void> {
  const key = await TransportKey.create();
  const hear = (body: { tenant?: string; name?: string }) => {
    asked.push(body);
    if (body.name !== undefined && body.name !== 'okta') throw new Failure('auth.unknown_identity_provider');
  };
  auth.handle(contracts.getAuthKey, () => ({ key: key.publicJwk }));
  auth.handle(contracts.listIdentityProviders, (body) => (hear(body), { items: [stored] }));
  auth.handle(contracts.saveIdentityProvider, async ({ sealed }) => {
    const content = await key.open(sealed, contracts.SaveIdentityProvider);
    asked.push(content);
    if (content.mode === 'replace') hear(content.provider);
    return stored;
  });
  auth.handle(contracts.deleteIdentityProvider, (body) => (hear(body), {}));
  auth.handle(
    contracts.testIdentityProvider,
    (body) => (hear(body), { ok: true, redirect_uri: 'x', checks: [] }),
  );
  auth.handle(contracts.getSignInSettings, (body) => (hear(body), { local_accounts: 'on' as const }));
  auth.handle(contracts.setSignInSettings, (body) => (hear(body), { local_accounts: body.local_accounts }));
}

beforeEach(async () => {
  asked.length = 0;
  rig = new Rig();
  await playProviders(rig);
  await rig.start();
});
afterEach(() => rig.stop());

const CALLS = [
  ['GET', PROVIDERS, undefined, 200],
  ['POST', PROVIDERS, JSON.stringify(okta), 201],
  ['GET', `${PROVIDERS}/okta`, undefined, 200],
  ['PUT', `${PROVIDERS}/okta`, JSON.stringify(okta), 200],
  ['DELETE', `${PROVIDERS}/okta`, undefined, 204],
  ['POST', `${PROVIDERS}/okta/test`, undefined, 200],
  ['GET', SETTINGS, undefined, 200],
  ['PUT', SETTINGS, '{"local_accounts":"off"}', 200],
] as const;

describe('the identity providers of a tenant', () => {
  it.each(CALLS)('are served: %s %s', async (method, path, body, expected) => {
    const { status } = await rig.call(method, path, body === undefined ? {} : { body });
    expect(status).toBe(expected);
    expect(asked[0]).toMatchObject({ tenant: 'demo' });
  });

  it.each(CALLS)('are administrators’ alone: %s %s', async (method, path, body) => {
    const token = await rig.jwt({ admin: false });
    const { status, body: problem } = await rig.call(method, path, { token, ...(body ? { body } : {}) });
    expect([status, problem['code']]).toEqual([403, 'api.forbidden']);
    expect(asked).toEqual([]);
  });

  it.each([
    ['GET', ''],
    ['PUT', ''],
    ['DELETE', ''],
    ['POST', '/test'],
  ])('that are not there are not found: %s', async (method, rest) => {
    const body = method === 'PUT' ? { body: JSON.stringify({ ...okta, name: 'entra' }) } : {};
    const { status, body: problem } = await rig.call(method, `${PROVIDERS}/entra${rest}`, body);
    expect([status, problem['code']]).toEqual([404, 'auth.unknown_identity_provider']);
  });

  it('keep a client secret that is left out, and never show one', async () => {
    await rig.call('PUT', `${PROVIDERS}/okta`, { body: JSON.stringify(okta) });
    expect(asked[0]).not.toHaveProperty('provider.client_secret');
    expect(asked[0]).toMatchObject({ mode: 'replace', provider: okta });
    const secret = { ...okta, client_secret: 'a secret' };
    const { body } = await rig.call('POST', PROVIDERS, { body: JSON.stringify(secret) });
    expect(asked.at(-1)).toMatchObject({ tenant: 'demo', provider: secret });
    expect(body).toMatchObject({ has_client_secret: true });
    expect(JSON.stringify(body)).not.toContain('a secret');
  });

  it.each([
    [{ issuer: 'http://corp.example' }, 'body.issuer'],
    [{ issuer: 'https://login.microsoftonline.com/common/v2.0' }, 'body.issuer'],
    [{ issuer: 'https://user@corp.example' }, 'body.issuer'],
    [{ issuer: 'file:///etc/passwd' }, 'body.issuer'],
    [{ preset: 'google' }, 'body.domains'],
    [{ domains: ['not a domain'] }, 'body.domains.0'],
    [{ max_session_hours: 0 }, 'body.max_session_hours'],
    [{ groups_endpoint: 'https://elsewhere.example/groups' }, 'body.groups_endpoint'],
    [{ scopes: ['two words'] }, 'body.scopes.0'],
    [{ tenant: 'other' }, 'body'],
    [{ name: '../x' }, 'body.name'],
  ])('are refused with the place of the fault: %j', async (changes, place) => {
    const { status, body } = await rig.call('POST', PROVIDERS, {
      body: JSON.stringify({ ...okta, ...changes }),
    });
    expect([status, body['errors']]).toEqual([400, [expect.objectContaining({ place })]]);
    expect(asked).toEqual([]);
  });

  it('are not renamed', async () => {
    const body = JSON.stringify({ ...okta, name: 'entra' });
    expect((await rig.call('PUT', `${PROVIDERS}/okta`, { body })).status).toBe(400);
  });
});
