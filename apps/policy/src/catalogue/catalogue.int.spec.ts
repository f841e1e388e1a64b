import { Client } from 'pg';
import { deleteServer, listServers, listSnapshots } from '@gatehouse/contracts';
import { openDatabase } from '@gatehouse/persistence';
import { testDatabases, type TestDatabases } from '@gatehouse/testing';
import { FakeVault } from '../../test/fake-vault.js';
import { Around, remoteServer, sharedKey } from '../../test/start-policy.js';

const everyone = [{ subject: 'team:everyone', role_id: 'mcp-server-user' }];

describe('the catalogue', () => {
  let databases: TestDatabases<'policy'>;
  let superuser: Client;
  let around: Around;
  let vault: FakeVault;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    databases = await testDatabases(['policy']);
    superuser = new Client({ connectionString: databases.adminUrl, options: '-c search_path=policy' });
    await superuser.connect();
    around = new Around();
    vault = await FakeVault.on(around.connect('vault'));
    stop = await around.start(databases.urls.policy);
  });
  afterEach(async () => {
    await stop?.();
    await superuser?.end();
    await databases?.drop();
  });

  const names = async () =>
    (await around.console.request(listServers, { tenant: 'demo', asker: null })).items.map(
      ({ name }) => name,
    );
  const remove = (name: string, tenant = 'demo') => around.console.request(deleteServer, { tenant, name });
  const versionOf = async (tenant = 'demo') =>
    (await around.edge.request(listSnapshots, {})).versions[tenant];

  it('knows its first tenant from the start, and denies everything there', async () => {
    expect(await around.snapshot()).toEqual({
      tenant: 'demo',
      version: 1,
      servers: {},
      limits: [{ id: 'calls-per-minute', per: 'subject', calls: 600, windowSeconds: 60 }],
    });
  });

  it('takes in a server, its grants, headers, tools and credential', async () => {
    const document = remoteServer('github', {
      additional_headers: { 'X-Team': 'a' },
      auth_data: sharedKey('Bearer hush'),
      tool_settings: [{ name: 'drop', disabled: true }, { name: 'keep' }],
      tool_policy: { enable_tools_by_default: false, enabled_tools: ['keep'] },
      scopes: [{ name: 'deploy', description: 'Put code into production', tools: ['keep'] }],
      collaborators: [
        { subject: 'user:Jane@x.com', role_id: 'mcp-server-manager' },
        { subject: 'serviceaccount:ci', role_id: 'mcp-server-user', tools: ['keep'] },
      ],
    });
    expect(await around.apply([document])).toMatchObject([
      { kind: 'mcp-server/remote', name: 'github', action: 'create' },
    ]);
    expect((await around.snapshot()).servers).toEqual({
      github: {
        name: 'github',
        url: 'https://github.example.com/mcp',
        credential: 'shared',
        headers: { 'X-Team': 'a' },
        disabledTools: ['drop'],
        enabledTools: ['keep'],
        grants: {
          'user:jane@x.com': { rule: 'github/user:jane@x.com', tools: '*' },
          'service-account:ci': { rule: 'github/serviceaccount:ci', tools: ['keep'] },
        },
        scopes: [{ scope: 'mcp:deploy', tools: ['keep'] }],
      },
    });
    expect(vault.credentials.get('demo/github')).toEqual({ Authorization: 'Bearer hush' });
  });

  it('says what changed, once: the same manifest again changes nothing', async () => {
    const one = remoteServer('a', { auth_data: sharedKey('k1') });
    await around.apply([one]);
    expect(await around.apply([one])).toEqual([
      { kind: 'mcp-server/remote', name: 'a', action: 'none', diff: [] },
    ]);
    expect(await versionOf()).toBe(2);
    const rotated = remoteServer('a', { auth_data: sharedKey('k2'), description: 'new' });
    expect(await around.apply([rotated])).toMatchObject([
      {
        action: 'update',
        diff: ['description: "" -> new', 'auth_data.headers.Authorization: [secret] -> [secret]'],
      },
    ]);
    expect(await around.hear(2)).toEqual(['demo 2', 'demo 3']);
  });

  it('says in a dry run the same as in earnest, and does nothing', async () => {
    await around.apply([remoteServer('a', { auth_data: sharedKey('k1') })]);
    const next = [
      remoteServer('a', { auth_data: sharedKey('k2') }),
      remoteServer('b', { auth_data: sharedKey('k') }),
    ];
    const acts = [...vault.log];
    const before = await around.snapshot();
    const foretold = await around.apply(next, { dryRun: true });
    await around.apply([remoteServer('x')], { tenant: 'nobody', dryRun: true });
    expect(vault.log).toEqual(acts);
    expect(await around.snapshot()).toEqual(before);
    expect((await around.edge.request(listSnapshots, {})).versions).toEqual({ demo: 2 });
    expect(await around.apply(next)).toEqual(foretold);
    expect(vault.credentials.get('demo/a')).toEqual({ Authorization: 'k2' });
  });

  it('applies all or nothing: a fault in the second document leaves the first undone', async () => {
    const faulty = [remoteServer('a', { auth_data: sharedKey('k') }), remoteServer('b', { url: 'nowhere' })];
    await expect(around.apply(faulty)).rejects.toMatchObject({
      code: 'policy.invalid_manifest',
      detail: 'document 2 (b): url: is no URL',
    });
    expect(await names()).toEqual([]);
    expect(vault.log).toEqual([]);
    expect(await around.hear(0)).toEqual([]);
  });

  it.each<[string, object]>([
    ['put', { auth_data: sharedKey('k2') }],
    ['delete', { auth_data: sharedKey('k2'), url: 'https://elsewhere.example.com' }],
    ['delete', {}],
  ])('changes nothing where the vault does not %s', async (act, change) => {
    await around.apply([remoteServer('a', { auth_data: sharedKey('k1') })]);
    vault.failAt(act);
    await expect(around.apply([remoteServer('b'), remoteServer('a', change)])).rejects.toMatchObject({
      code: 'database.unavailable',
    });
    expect(await names()).toEqual(['a']);
    expect((await around.snapshot()).servers['a']).toMatchObject({
      url: 'https://a.example.com/mcp',
      credential: 'shared',
    });
    expect(vault.credentials.get('demo/a')).toEqual({ Authorization: 'k1' });
    expect(await around.hear(1)).toEqual(['demo 2']);
  });

  it('deletes a server with its credential, and does not know it any more', async () => {
    await around.apply([remoteServer('a', { auth_data: sharedKey('k') }), remoteServer('b')]);
    await remove('a');
    expect(await names()).toEqual(['b']);
    expect(vault.credentials.size).toBe(0);
    expect(await around.hear(2)).toEqual(['demo 2', 'demo 3']);
    await expect(remove('a')).rejects.toMatchObject({ code: 'policy.unknown_server' });
    await expect(remove('b', 'other')).rejects.toMatchObject({ code: 'policy.unknown_server' });
    expect(await versionOf('other')).toBeUndefined();
  });

  it('raises the version with every change, also when many come at once to two replicas', async () => {
    const stopOther = await around.start(databases.urls.policy);
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        around.apply([remoteServer(`s-${index}`, { collaborators: everyone })]),
      ),
    );
    expect(await versionOf()).toBe(13);
    expect(Object.keys((await around.snapshot()).servers)).toHaveLength(12);
    expect((await around.hear(12)).sort()).toEqual(
      Array.from({ length: 12 }, (_, index) => `demo ${index + 2}`).sort(),
    );
    await stopOther();
  });

  it('keeps tenants apart', async () => {
    await around.apply([remoteServer('a')], { tenant: 'one' });
    await around.apply([remoteServer('a', { url: 'https://two.example.com' })], { tenant: 'two' });
    expect((await around.snapshot('one')).servers['a']?.url).toBe('https://a.example.com/mcp');
    expect((await around.snapshot('two')).servers['a']?.url).toBe('https://two.example.com');
    await expect(around.snapshot('three')).rejects.toMatchObject({ code: 'policy.unknown_server' });
  });

  it('is closed by the database itself to a query that forgets its tenant', async () => {
    await around.apply([remoteServer('a')], { tenant: 'one' });
    const database = await openDatabase({
      url: databases.urls.policy,
      schema: 'policy',
      entities: [],
      migrations: [],
    });
    for (const table of ['catalogue', 'server', 'deleted_server']) {
      const seen: unknown[] = await database.withTenant('two', (manager) =>
        manager.query(`select * from ${table}`),
      );
      expect(seen).toEqual([]);
      const row = { rowsecurity: true, forced: true };
      const { rows } = await superuser.query(
        `select relrowsecurity as rowsecurity, relforcerowsecurity as forced from pg_class where oid = $1::regclass`,
        [table],
      );
      expect(rows).toEqual([row]);
    }
    await database.close();
  });

  it('puts a new limit in force in every snapshot', async () => {
    await around.apply([remoteServer('a')], { tenant: 'other' });
    await stop();
    stop = await around.start(databases.urls.policy, { POLICY_CALLS_PER_MINUTE: '7' });
    for (const [tenant, version] of [
      ['demo', 2],
      ['other', 3],
    ] as const)
      expect(await around.snapshot(tenant)).toMatchObject({ version, limits: [{ calls: 7 }] });
    expect((await around.hear(3)).slice(-2).sort()).toEqual(['demo 2', 'other 3']);
  });
});
