import { Failure, listServers } from '@gatehouse/contracts';
import { testDatabase, type TestDatabase } from '@gatehouse/testing';
import { FakeAuth } from '../../test/fake-auth.js';
import { FakeVault } from '../../test/fake-vault.js';
import { Around, remoteServer, sharedKey } from '../../test/start-policy.js';

const team = { type: 'team', name: 'Dev Ops', members: ['Jane@x.com'] };
const account = { type: 'service-account', name: 'ci', teams: ['Dev Ops'] };
const provider = {
  ...{ type: 'identity-provider', name: 'okta', issuer: 'https://corp.okta.com', client_id: 'gate' },
  client_secret: '${TEST_CLIENT_SECRET}',
};

describe('manifests that auth keeps', () => {
  let database: TestDatabase;
  let around: Around;
  let auth: FakeAuth;
  let vault: FakeVault;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    process.env['TEST_CLIENT_SECRET'] = 'hush';
    database = await testDatabase('policy');
    around = new Around();
    auth = await FakeAuth.on(around.auth);
    vault = await FakeVault.on(around.connect('vault'));
    stop = await around.start(database.url);
  });
  afterEach(async () => {
    delete process.env['TEST_CLIENT_SECRET'];
    await stop?.();
    await database?.drop();
  });

  const servers = async () =>
    (await around.console.request(listServers, { tenant: 'demo', asker: null })).items.map(
      ({ name }) => name,
    );
  const failing = (documents: object[]): Promise<unknown> =>
    around.apply(documents).then(
      () => 'applied',
      ({ code, message }: Failure) => ({ code, message }),
    );

  it('are handed to auth with who asks, secrets resolved, whatever their order among servers', async () => {
    const changes = await around.apply([account, remoteServer('a'), provider, team]);
    expect(changes.map(({ kind, name, action }) => [kind, name, action])).toEqual([
      ['service-account', 'ci', 'create'],
      ['identity-provider', 'okta', 'create'],
      ['team', 'Dev Ops', 'create'],
      ['mcp-server/remote', 'a', 'create'],
    ]);
    expect(auth.asked.at(-1)).toMatchObject({ tenant: 'demo', by: 'admin@example.com', dryRun: false });
    expect([...auth.kept.values()]).toMatchObject([
      { name: 'ci', description: '', roles: [] },
      { client_secret: 'hush', preset: 'oidc', enabled: true },
      { members: ['jane@x.com'] },
    ]);
    expect(await servers()).toEqual(['a']);
  });

  it('show what changes, and of a secret only that it is another', async () => {
    await around.apply([team, provider]);
    process.env['TEST_CLIENT_SECRET'] = 'hush hush';
    const changes = await around.apply([
      { ...team, members: ['jane@x.com', 'joe@x.com'] },
      provider,
      account,
    ]);
    expect(changes.slice(0, 2)).toEqual([
      {
        ...{ kind: 'team', name: 'Dev Ops', action: 'update' },
        diff: ['members: ["jane@x.com"] -> ["jane@x.com","joe@x.com"]'],
      },
      {
        ...{ kind: 'identity-provider', name: 'okta', action: 'update' },
        diff: ['client_secret: [secret] -> [secret]'],
      },
    ]);
    expect(JSON.stringify(changes)).not.toContain('hush');
    expect((await around.apply([team, provider, account])).map(({ action }) => action)).toEqual([
      ...['update', 'none', 'none'],
    ]);
  });

  it('are only looked at in a dry run', async () => {
    const changes = await around.apply([team, remoteServer('a')], { dryRun: true });
    expect(changes.map(({ action }) => action)).toEqual(['create', 'create']);
    expect([auth.kept.size, await servers()]).toEqual([0, []]);
    expect(auth.asked.map(({ dryRun }) => dryRun)).toEqual([true]);
  });

  it('change nothing, here or there, if auth finds a fault, and its document is named', async () => {
    expect(await failing([remoteServer('a'), team, { type: 'team', name: 'faulty' }])).toEqual({
      code: 'policy.invalid_manifest',
      message: 'document 3 (faulty): name: is faulty',
    });
    expect([auth.kept.size, await servers()]).toEqual([0, []]);
  });

  it('change nothing if the vault cannot be asked about a server', async () => {
    await around.apply([remoteServer('a', { auth_data: sharedKey('old') })]);
    vault.compare = () => {
      throw new Failure('bus.unavailable');
    };
    const moved = remoteServer('a', { auth_data: sharedKey('new') });
    expect(await failing([team, moved])).toMatchObject({ code: 'bus.unavailable' });
    expect(auth.kept.size).toBe(0);
  });

  it('change no server if auth fails half-way, and say what may be done', async () => {
    auth.before = ({ dryRun }) => {
      if (!dryRun) throw new Failure('database.unavailable');
    };
    expect(await failing([team, remoteServer('a')])).toEqual({
      code: 'database.unavailable',
      message: expect.stringContaining(
        'Some of the teams, service accounts and identity providers may be applied, no server is. Apply',
      ) as string,
    });
    expect(await servers()).toEqual([]);
  });

  it('are there although servers could not be changed, which is said; applying again completes it', async () => {
    vault.failAt('put');
    const both = [team, remoteServer('a', { auth_data: sharedKey('key') })];
    expect(await failing(both)).toEqual({
      code: 'database.unavailable',
      message: expect.stringContaining(
        'Teams, service accounts and identity providers are applied, servers are not. Apply everything again',
      ) as string,
    });
    expect([auth.kept.size, await servers()]).toEqual([1, []]);
    expect((await around.apply(both)).map(({ action }) => action)).toEqual(['none', 'create']);
    expect(await servers()).toEqual(['a']);
  });

  it('need no auth where there are none of them', async () => {
    await around.apply([remoteServer('a')]);
    expect(auth.asked).toEqual([]);
  });
});
