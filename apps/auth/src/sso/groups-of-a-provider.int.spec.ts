import { shown, type BrowserPage } from '@gatehouse/testing';
import { addPerson, type AuthServer } from '../../test/auth-server.js';
import { EvilIdentityProvider, signed } from '../../test/evil-identity-provider.js';
import { atSignIn, connect, putProvider, startSsoAuth, through, type Given } from '../../test/sso-lab.js';

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

const signIn = async (): Promise<BrowserPage> =>
  shown(await through(await atSignIn(server), 'Continue with corp', ''));

describe('groups', () => {
  const teams = async (groups: unknown, changes: Partial<Given> = {}) => {
    await putProvider(server, { ...given, ...changes });
    person('grouped', { groups });
    return (await connect(server)).claims['teams'];
  };

  it('become teams under the provider’s own prefix, or those that are named', async () => {
    expect(await teams(['a', 'b'])).toEqual(['corp:a', 'corp:b']);
    expect(await teams(['a', 'b'], { groups: { b: 'builders' } })).toEqual(['builders', 'corp:a']);
    await putProvider(server, { issuer: idp.issuer, domains: ['corp.example'] });
    expect((await connect(server)).claims['teams']).toEqual([]);
  });

  it('that are gone or renamed take their team along, and tokens of before with it', async () => {
    person('renamed', { groups: ['devs'] });
    const { claims } = await connect(server);
    expect(claims['teams']).toEqual(['corp:devs']);
    person('renamed', { groups: ['developers'] });
    const { claims: after } = await connect(server);
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
    expect((await connect(server)).claims['teams']).toEqual(['corp:x', 'local']);
    person('both', { groups: [] });
    expect((await connect(server)).claims).toMatchObject({ sub: local.id, teams: ['local'] });
  });

  it('500 of them are no trouble where those that count are named, and refused where they are not', async () => {
    const groups = Array.from({ length: 500 }, (_, i) => `group ${i}`);
    const named = { groups: { 'group 7': 'seven' } };
    await putProvider(server, { issuer: idp.issuer, domains: ['corp.example'], ...named });
    person('many', { groups });
    expect((await connect(server)).claims['teams']).toEqual(['seven']);
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
    expect((await connect(server)).claims['teams']).toEqual(['corp:from the endpoint']);
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
  expect((await connect(server)).claims).toMatchObject({ name: 'thin@corp.example', teams: ['corp:u'] });
  thin.userinfo = { ...thin.userinfo, sub: 'somebody else' };
  expect((await signIn()).html).toContain('cannot be trusted');
  await thin.stop();
});
