import { deleteIdentityProvider } from '@gatehouse/contracts';
import { left, shown, type BrowserPage, type Tokens } from '@gatehouse/testing';
import { decodeJwt } from 'jose';
import { addPerson, ADMIN, type AuthServer } from '../../test/auth-server.js';
import { EvilIdentityProvider, signed } from '../../test/evil-identity-provider.js';
import {
  atSignIn,
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

/** The whole way of a client, and what its access token says. */
async function connect() {
  const attempt = await atSignIn(server);
  const { client, request, browser } = attempt;
  const redirect = left(
    await browser.press(await signIn(attempt), 'Approve', { until: request.redirectUri }),
  );
  const tokens: Tokens = await client.exchange(redirect, request);
  return { attempt, client, tokens, claims: decodeJwt<Record<string, unknown>>(tokens.access_token) };
}

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
    const { claims } = await connect();
    person('first', { email: 'Renamed@corp.example', name: 'New Name' });
    const again = await connect();
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
    await connect();
    person('mover', { email: other.email });
    expect((await connect()).claims['name']).toBe('mover@corp.example');
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
    await connect();
    await server.sql("UPDATE person SET suspended = true WHERE email = 'suspended@corp.example'");
    const page = await signIn();
    expect([page.status, page.html]).toEqual([403, expect.stringContaining('suspended')]);
    expect(await lastEvent()).toMatchObject({ detail: { reason: 'suspended' } });
  });

  it('is another one after the provider’s issuer has changed', async () => {
    person('moved');
    await connect();
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
    expect((await connect()).claims.sub).toBe(local.id);
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
    expect((await connect()).claims.sub).toBe(provisioned.id);
    const admin = await addPerson(server, { email: 'boss@corp.example' });
    await server.sql('UPDATE person SET password_hash = NULL, admin = true WHERE id = $1', [admin.id]);
    person('boss', { email_verified: undefined });
    expect((await signIn()).status).toBe(409);
  });

  it('is not taken over by a second identity with the same unverified address', async () => {
    person('owner', { email_verified: undefined });
    await connect();
    person('thief', { email: 'owner@corp.example', email_verified: undefined });
    expect((await signIn()).status).toBe(409);
  });

  it('of the administrator is not touched by a provider for other domains', async () => {
    person('admin', { email: ADMIN.email });
    expect((await signIn()).html).toContain('another organisation');
  });
});

describe('groups', () => {
  const teams = async (groups: unknown, changes: Partial<Given> = {}) => {
    await putProvider(server, { ...given, ...changes });
    person('grouped', { groups });
    return (await connect()).claims['teams'];
  };

  it('become teams under the provider’s own prefix, or those that are named', async () => {
    expect(await teams(['a', 'b'])).toEqual(['corp:a', 'corp:b']);
    expect(await teams(['a', 'b'], { groups: { b: 'builders' } })).toEqual(['builders', 'corp:a']);
    await putProvider(server, { issuer: idp.issuer, domains: ['corp.example'] });
    expect((await connect()).claims['teams']).toEqual([]);
  });

  it('that are gone or renamed take their team along, and tokens of before with it', async () => {
    person('renamed', { groups: ['devs'] });
    const { claims } = await connect();
    expect(claims['teams']).toEqual(['corp:devs']);
    person('renamed', { groups: ['developers'] });
    const { claims: after } = await connect();
    expect(after['teams']).toEqual(['corp:developers']);
    expect(after['gen']).toBeGreaterThan(claims['gen'] as number);
    expect(await server.toldEndOf('subject', claims.sub)).toMatchObject({ tenant: 'demo' });
  });

  it('of the same name at two providers are two teams', async () => {
    await expect(
      putProvider(server, { name: 'other', issuer: idp.issuer, team_prefix: 'corp:x' }),
    ).rejects.toMatchObject({ code: 'auth.identity_provider_clash' });
    await expect(
      putProvider(server, { name: 'other', issuer: idp.issuer, domains: ['corp.example'] }),
    ).rejects.toMatchObject({ code: 'auth.identity_provider_clash' });
  });

  it('leave teams alone that others keep', async () => {
    const local = await addPerson(server, { email: 'both@corp.example', teams: ['local'] });
    person('both', { groups: ['x'] });
    expect((await connect()).claims['teams']).toEqual(['corp:x', 'local']);
    person('both', { groups: [] });
    expect((await connect()).claims).toMatchObject({ sub: local.id, teams: ['local'] });
  });

  it('500 of them are no trouble where those that count are named, and refused where they are not', async () => {
    const groups = Array.from({ length: 500 }, (_, i) => `group ${i}`);
    const named = { groups: { 'group 7': 'seven' } };
    await putProvider(server, { issuer: idp.issuer, domains: ['corp.example'], ...named });
    person('many', { groups });
    expect((await connect()).claims['teams']).toEqual(['seven']);
    await putProvider(server, given);
    const page = await signIn();
    expect([page.status, page.html]).toEqual([403, expect.stringContaining('too many groups')]);
  });

  it.each(['__proto__', 'constructor', 'toString'])(
    'of the name %s are groups like others',
    async (group) => {
      expect(await teams([group], { groups: { x: 'y' } })).toEqual([`corp:${group}`]);
    },
  );
});

describe('more groups than fit into a token', () => {
  const overage = {
    groups: undefined,
    _claim_names: { groups: 'src1' },
    _claim_sources: { src1: { endpoint: 'http://127.0.0.1:1/' } },
  };
  const endpoint = () => ({ groups_endpoint: `${idp.issuer}/groups` });

  it('are asked for where the manifest says, not where the token says', async () => {
    await putProvider(server, { ...given, ...endpoint() });
    idp.groups = [200, { value: ['from the endpoint'] }];
    person('over', overage);
    expect((await connect()).claims['teams']).toEqual(['corp:from the endpoint']);
    expect(idp.requests.at(-1)).toMatchObject({ path: '/groups', authorization: 'Bearer an access token' });
  });

  it.each([
    ['nobody may be asked', {}, [200, { value: [] }], 403, 'could not be found out'],
    ['the answer is a refusal', endpoint, [403, {}], 403, 'could not be found out'],
    [
      'the answer is not all of them',
      endpoint,
      [200, { value: ['a'], '@odata.nextLink': 'x' }],
      403,
      'could not be',
    ],
    ['the answer is no list', endpoint, [200, { value: 'a' }], 403, 'could not be found out'],
    ['nobody answers', endpoint, [503, {}], 503, 'cannot be reached'],
  ] as const)('sign nobody in if %s', async (_what, changes, answer, status, text) => {
    await putProvider(server, { ...given, ...(typeof changes === 'function' ? changes() : changes) });
    idp.groups = answer;
    for (const claims of [overage, { groups: undefined, hasgroups: true }]) {
      person('over', claims);
      const page = await signIn();
      expect([page.status, page.html]).toEqual([status, expect.stringContaining(text)]);
    }
  });

  it('do not matter where nothing follows from groups', async () => {
    await putProvider(server, { issuer: idp.issuer, domains: ['corp.example'] });
    person('over', overage);
    expect((await signIn()).html).toContain('>Approve</button>');
  });
});

it('takes address and groups from the UserInfo endpoint where the ID token has none', async () => {
  const thin = await EvilIdentityProvider.start();
  const claims = { sub: 'thin', email: undefined, email_verified: undefined };
  thin.forge = (honest) => signed(honest, { claims });
  thin.userinfo = { sub: 'thin', email: 'thin@corp.example', email_verified: true, groups: ['u'] };
  await putProvider(server, { ...given, issuer: thin.issuer });
  expect((await connect()).claims).toMatchObject({ name: 'thin@corp.example', teams: ['corp:u'] });
  thin.userinfo = { ...thin.userinfo, sub: 'somebody else' };
  expect((await signIn()).html).toContain('cannot be trusted');
  await thin.stop();
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
    const before = await connect();
    person('leaver', { groups: ['alumni'] });
    expect((await signIn()).html).toContain('in no group that may use Gatehouse');
    await expectEnded(before);
    person('leaver', { groups: ['guests'] });
    expect((await connect()).claims['teams']).toEqual(['corp:guests']);
  });

  it('when the provider sends back an error in the browser in which they are signed in', async () => {
    person('fired', { groups: ['staff'] });
    const before = await connect();
    idp.redirect = { error: 'access_denied', error_description: 'User is not assigned to the client' };
    const again = await atSignIn(server, { browser: before.attempt.browser, prompt: 'login' });
    expect((await signIn(again)).html).toContain('did not let you in');
    await expectEnded(before);
  });

  it('but nobody loses anything by an error in another browser, whatever address was typed there', async () => {
    person('victim', { groups: ['staff'] });
    const { client, tokens, claims } = await connect();
    idp.redirect = { error: 'access_denied' };
    const attempt = await atSignIn(server, { login_hint: 'victim@corp.example' });
    expect((await signIn(attempt)).html).toContain('did not let you in');
    expect((await lastEvent())?.subject).toBeNull();
    const { access_token } = await client.refresh(tokens.refresh_token);
    expect(decodeJwt(access_token)).toMatchObject({ sub: claims.sub, gen: claims['gen'] });
  });
});

it('a provider that is deleted takes along its sign-ins, its links and its teams', async () => {
  person('orphan', { groups: ['x'] });
  const { client, tokens, claims } = await connect();
  await server.connect('console').request(deleteIdentityProvider, { tenant: 'demo', name: 'corp' });
  expect(
    (await client.token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token })).status,
  ).toBe(400);
  await server.toldEndOf('subject', claims.sub);
  expect(await server.sql('SELECT * FROM person_identity')).toEqual([]);
  expect(await server.sql("SELECT * FROM team_member WHERE source = 'idp:corp'")).toEqual([]);
  expect((await atSignIn(server)).page.html).not.toContain('Continue with');
});
