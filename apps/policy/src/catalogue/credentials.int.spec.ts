import { Client } from 'pg';
import { deleteServer, listServers } from '@gatehouse/contracts';
import { testDatabases, type TestDatabases } from '@gatehouse/testing';
import { FakeVault } from '../../test/fake-vault.js';
import { Around, remoteServer, sharedKey } from '../../test/start-policy.js';

const everyone = [{ subject: 'team:everyone', role_id: 'mcp-server-user' }];

describe('credentials and the catalogue', () => {
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

  it('never lets a credential meet a URL it was not given for', async () => {
    const [old, moved] = [
      remoteServer('a', { auth_data: sharedKey('old'), url: 'https://old.example.com' }),
      remoteServer('a', { auth_data: sharedKey('new'), url: 'https://new.example.com' }),
    ];
    await around.apply([old]);
    const pairs: string[] = [];
    const look = async (act: string) => {
      const url = (await around.snapshot()).servers['a']?.url;
      pairs.push(`${act.split(' ')[0]}: ${url} ${vault.credentials.get('demo/a')?.['Authorization']}`);
    };
    vault.before = look;
    await around.apply([moved]);
    await look('end');
    expect(pairs).toEqual([
      'delete: https://old.example.com old',
      'put: https://new.example.com undefined',
      'end: https://new.example.com new',
    ]);
  });

  it('leaves a server that moves without credential if it dies half-way; applying again mends it', async () => {
    await around.apply([remoteServer('a', { auth_data: sharedKey('old') })]);
    const moved = remoteServer('a', { auth_data: sharedKey('new'), url: 'https://new.example.com' });
    vault.failAt('put');
    await expect(around.apply([moved])).rejects.toMatchObject({ code: 'database.unavailable' });
    expect(vault.credentials.size).toBe(0);
    expect((await around.snapshot()).servers['a']).toMatchObject({
      url: 'https://new.example.com',
      credential: 'shared',
    });
    expect(await around.apply([moved])).toMatchObject([{ action: 'update' }]);
    expect(vault.credentials.get('demo/a')).toEqual({ Authorization: 'new' });
  });

  it('does not let them meet while many change one server at once, in two replicas', async () => {
    const stopOther = await around.start(databases.urls.policy);
    const pairs: string[] = [];
    vault.before = async (act, headers) => {
      if (!act.startsWith('put')) return;
      const { rows } = await superuser.query<{ url: string }>(`select manifest ->> 'url' as url from server`);
      if (rows.length === 0) return;
      pairs.push(`${headers?.['Authorization']} at ${rows[0]?.url}`);
    };
    const changes = Array.from({ length: 10 }, (_, n) =>
      around.apply([remoteServer('a', { url: `https://x.com/${n}`, auth_data: sharedKey(`key-${n}`) })]),
    );
    for (const { status, reason } of (await Promise.allSettled(changes)) as PromiseRejectedResult[])
      if (status === 'rejected') expect(reason).toMatchObject({ code: 'policy.version_conflict' });
    await stopOther();
    for (const pair of pairs) expect(pair).toMatch(/^key-(\d) at https:\/\/x.com\/\1$/);
    const { url } = (await around.snapshot()).servers['a'] as { url: string };
    expect(vault.credentials.get('demo/a')).toEqual({ Authorization: `key-${url.at(-1)}` });
  });

  it('withdraws the credential of a server that needs none any more', async () => {
    await around.apply([remoteServer('a', { auth_data: sharedKey('k') })]);
    expect(await around.apply([remoteServer('a')])).toMatchObject([{ action: 'update' }]);
    expect(vault.credentials.size).toBe(0);
    expect((await around.snapshot()).servers['a']?.credential).toBe('none');
  });

  it('keeps a server whose credential cannot be withdrawn', async () => {
    await around.apply([remoteServer('a', { auth_data: sharedKey('k') })]);
    vault.failAt('delete');
    await expect(remove('a')).rejects.toMatchObject({ code: 'database.unavailable' });
    expect(await names()).toEqual(['a']);
  });

  it('holds no secret in its schema', async () => {
    const secret = 'canary-5f1c';
    process.env['TEST_CANARY'] = secret;
    await around.apply([
      remoteServer('a', { auth_data: sharedKey(`Bearer ${secret}`), collaborators: everyone }),
      remoteServer('b', { auth_data: sharedKey('Bearer ${TEST_CANARY}') }),
    ]);
    await around.apply([remoteServer('a', { auth_data: sharedKey(`Basic ${secret}`) })]);
    delete process.env['TEST_CANARY'];
    expect(JSON.stringify([...vault.credentials.values()])).toContain(secret);
    const { rows } = await superuser.query<{ table: string }>(
      `select table_name as table from information_schema.tables where table_schema = 'policy'`,
    );
    const dump = await Promise.all(
      rows.map(({ table }) => superuser.query(`select t::text from "${table}" t`)),
    );
    const text = JSON.stringify(dump.map((result) => result.rows as unknown));
    expect(text).toContain('a.example.com');
    for (const encoding of ['utf8', 'base64', 'hex'] as const)
      expect(text).not.toContain(Buffer.from(secret).toString(encoding));
  });
});
