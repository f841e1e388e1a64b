import { deleteIdentityProvider } from '@gatehouse/contracts';
import { shown, type BrowserPage } from '@gatehouse/testing';
import { decodeJwt } from 'jose';
import { addPerson, ADMIN, type AuthServer } from '../../test/auth-server.js';
import { EvilIdentityProvider, signed } from '../../test/evil-identity-provider.js';
import {
  atSignIn,
  connect,
  putProvider,
  startSsoAuth,
  through,
  type Attempt,
  type Given,
} from '../../test/sso-lab.js';

let server: AuthServer;
let idp: EvilIdentityProvider;
let given: Given;
beforeAll(async () => {
  server = await startSsoAuth();
  idp = await EvilIdentityProvider.start();
});
afterAll(async () => {
  await server?.close();
  await idp?.stop();
});
beforeEach(async () => {
  given = { issuer: idp.issuer, domains: ['corp.example'], team_prefix: 'corp:' };
  await putProvider(server, given);
  Object.assign(idp, { redirect: {}, metadata: {}, userinfo: null, groups: [404, {}] });
});

const person = (name: string, claims: Record<string, unknown> = {}) => {
  const own = { sub: name, email: `${name}@corp.example`, email_verified: true, name, ...claims };
  idp.forge = (honest) => signed(honest, { claims: own });
};

const signIn = async (attempt?: Attempt): Promise<BrowserPage> =>
  shown(await through(attempt ?? (await atSignIn(server)), 'Continue with corp', ''));

const rows = (email: string) =>
  server.sql<{ id: string; name: string; email: string; last_sign_in: Date | null }>(
    'SELECT * FROM person WHERE email = $1',
    [email],
  );
const lastEvent = async () =>
  (
    await server.sql<{ kind: string; subject: string; detail: object }>(
      "SELECT * FROM security_event WHERE kind = 'sign_in.refused' ORDER BY time DESC, id DESC LIMIT 1",
    )
  )[0];

describe('an account', () => {
  it('is made at the first sign-in, and found again by what never changes', async () => {
    person('first');
    const { claims } = await connect(server);
    person('first', { email: 'Renamed@corp.example', name: 'New Name' });
    const again = await connect(server);
    expect(again.claims.sub).toBe(claims.sub);
    expect(again.claims['name']).toBe('renamed@corp.example');
    expect(await rows('first@corp.example')).toEqual([]);
    expect(await rows('renamed@corp.example')).toMatchObject([
      { name: 'New Name', last_sign_in: expect.anything() },
    ]);
  });

  it('keeps its address where the new one is somebody else’s', async () => {
    const other = await addPerson(server, { email: 'taken@corp.example' });
    person('mover');
    await connect(server);
    person('mover', { email: other.email });
    expect((await connect(server)).claims['name']).toBe('mover@corp.example');
  });

  it('is made once by many first sign-ins at a time', async () => {
    person('eager');
    const attempts = await Promise.all([1, 2, 3, 4, 5].map(() => atSignIn(server)));
    const pages = await Promise.all(attempts.map(signIn));
    for (const { html } of pages) expect(html).toContain('>Approve</button>');
    expect(await rows('eager@corp.example')).toHaveLength(1);
  });

  it('that is suspended is told so', async () => {
    person('suspended');
    await connect(server);
    await server.sql("UPDATE person SET suspended = true WHERE email = 'suspended@corp.example'");
    const page = await signIn();
    expect([page.status, page.html]).toEqual([403, expect.stringContaining('suspended')]);
    expect(await lastEvent()).toMatchObject({ detail: { reason: 'suspended' } });
  });

  it('is another one after the provider’s issuer has changed', async () => {
    person('moved');
    await connect(server);
    const other = await EvilIdentityProvider.start();
    other.forge = (honest) => signed(honest, { claims: { sub: 'moved', email: 'new@corp.example' } });
    await putProvider(server, { ...given, issuer: other.issuer });
    expect((await signIn()).html).toContain('new@corp.example');
    await other.stop();
  });
});

describe('an account that is there already', () => {
  it('is linked by a verified address of a domain that the provider speaks for', async () => {
    const local = await addPerson(server, { email: 'local@corp.example' });
    person('local');
    expect((await connect(server)).claims.sub).toBe(local.id);
  });

  it.each([
    ['is not linked by an address that nobody has verified', { email_verified: undefined }, {}],
    ['is not linked by a provider that speaks for no domain', {}, { domains: [] }],
  ])('%s', async (_what, claims, changes) => {
    const name = `local-${Object.keys(changes).length}`;
    const local = await addPerson(server, { email: `${name}@corp.example` });
    await putProvider(server, { ...given, ...changes });
    person(name, claims);
    const page = await signIn();
    expect([page.status, page.html]).toEqual([409, expect.stringContaining('another account')]);
    expect(await server.sql('SELECT * FROM person_identity WHERE person = $1', [local.id])).toEqual([]);
  });

  it('is linked by the domain alone if it was only provisioned, unless it is an administrator’s', async () => {
    const provisioned = await addPerson(server, { email: 'scim@corp.example' });
    await server.sql('UPDATE person SET password_hash = NULL WHERE id = $1', [provisioned.id]);
    person('scim', { email_verified: undefined });
    expect((await connect(server)).claims.sub).toBe(provisioned.id);
    const admin = await addPerson(server, { email: 'boss@corp.example' });
    await server.sql('UPDATE person SET password_hash = NULL, admin = true WHERE id = $1', [admin.id]);
    person('boss', { email_verified: undefined });
    expect((await signIn()).status).toBe(409);
  });

  it('is not taken over by a second identity with the same unverified address', async () => {
    person('owner', { email_verified: undefined });
    await connect(server);
    person('thief', { email: 'owner@corp.example', email_verified: undefined });
    expect((await signIn()).status).toBe(409);
  });

  it('of the administrator is not touched by a provider for other domains', async () => {
    person('admin', { email: ADMIN.email });
    expect((await signIn()).html).toContain('another organisation');
  });
});

describe('a person whom the provider no longer lets in loses access', () => {
  async function expectEnded(before: Awaited<ReturnType<typeof connect>>): Promise<void> {
    const { client, tokens, claims } = before;
    expect(await server.toldEndOf('subject', claims.sub)).toMatchObject({ tenant: 'demo' });
    const parameters = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    const refused = await client.token(parameters);
    expect([refused.status, await refused.json()]).toEqual([
      400,
      expect.objectContaining({ error: 'invalid_grant' }),
    ]);
    expect(await lastEvent()).toMatchObject({ subject: claims.sub });
    expect(await server.sql('SELECT team FROM team_member WHERE person = $1', [claims.sub])).toEqual([]);
  }

  it('when they are in no group that is let in', async () => {
    await putProvider(server, { ...given, allowed_groups: ['staff', 'guests'] });
    person('leaver', { groups: ['staff'] });
    const before = await connect(server);
    person('leaver', { groups: ['alumni'] });
    expect((await signIn()).html).toContain('in no group that may use Gatehouse');
    await expectEnded(before);
    person('leaver', { groups: ['guests'] });
    expect((await connect(server)).claims['teams']).toEqual(['corp:guests']);
  });

  it('when the provider sends back an error in the browser in which they are signed in', async () => {
    person('fired', { groups: ['staff'] });
    const before = await connect(server);
    idp.redirect = { error: 'access_denied', error_description: 'User is not assigned to the client' };
    const again = await atSignIn(server, { browser: before.attempt.browser, prompt: 'login' });
    expect((await signIn(again)).html).toContain('did not let you in');
    await expectEnded(before);
  });

  it('but nobody loses anything by an error in another browser, whatever address was typed there', async () => {
    person('victim', { groups: ['staff'] });
    const { client, tokens, claims } = await connect(server);
    idp.redirect = { error: 'access_denied' };
    const attempt = await atSignIn(server, { login_hint: 'victim@corp.example' });
    expect((await signIn(attempt)).html).toContain('did not let you in');
    expect((await lastEvent())?.subject).toBeNull();
    const { access_token } = await client.refresh(tokens.refresh_token);
    expect(decodeJwt(access_token)).toMatchObject({ sub: claims.sub, gen: claims['gen'] });
  });
});

it('a client secret stays away from an issuer that it was not given for', async () => {
  const evil = await EvilIdentityProvider.start();
  const moved = putProvider(server, { ...given, issuer: evil.issuer, client_secret: undefined });
  await expect(moved).rejects.toMatchObject({ code: 'api.invalid_request' });
  await putProvider(server, { ...given, client_secret: undefined, display_name: 'Corp' });
  await putProvider(server, { ...given, issuer: evil.issuer, client_secret: null });
  await evil.stop();
});

it('a provider that is deleted takes along its sign-ins, its links and its teams', async () => {
  person('orphan', { groups: ['x'] });
  const { client, tokens, claims } = await connect(server);
  await server.connect('console').request(deleteIdentityProvider, { tenant: 'demo', name: 'corp' });
  expect(
    (await client.token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token })).status,
  ).toBe(400);
  await server.toldEndOf('subject', claims.sub);
  expect(await server.sql('SELECT * FROM person_identity')).toEqual([]);
  expect(await server.sql("SELECT * FROM team_member WHERE source = 'idp:corp'")).toEqual([]);
  expect((await atSignIn(server)).page.html).not.toContain('Continue with');
});
