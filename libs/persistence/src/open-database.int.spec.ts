import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { testDatabase, testDatabases, type TestDatabase } from '@gatehouse/testing';
import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { Database } from './database.js';
import { openDatabase } from './open-database.js';
import { tenantPolicy } from './tenant-policy.js';

class CreateNotes1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query('create table notes (tenant text not null, text text not null unique)');
    for (const statement of tenantPolicy('notes')) await runner.query(statement);
  }
  async down() {}
}

class SeedNotes1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query("insert into notes values ('seed', 'made by a migration')");
  }
  async down() {}
}

class Broken1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner) {
    await runner.query('create table half_done (id int)');
    await runner.query('select no_such_function()');
  }
  async down() {}
}

const migrations = [CreateNotes1700000000000, SeedNotes1700000000001];
const vault = { schema: 'vault', entities: [], migrations };

const add = (database: Database, tenant: string, text: string, row = tenant) =>
  database.withTenant(tenant, (manager) => manager.query('insert into notes values ($1, $2)', [row, text]));

async function connected<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the rows of a tenant', () => {
  let test: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    test = await testDatabase('vault');
    database = await openDatabase({ ...vault, url: test.url });
    await add(database, 'acme', 'of acme');
    await add(database, 'globex', 'of globex');
  }, 60_000);

  afterAll(async () => {
    await database?.close();
    await test?.drop();
  });

  it('are all that a query sees which forgets its WHERE', async () => {
    const rows = await database.withTenant('acme', (manager) => manager.query('select * from notes'));
    expect(rows).toEqual([{ tenant: 'acme', text: 'of acme' }]);
  });

  it('cannot be written for another tenant', async () => {
    await expect(add(database, 'acme', 'smuggled', 'globex')).rejects.toThrow(/row-level security/);
  });

  it('cannot be moved to another tenant', async () => {
    const move = database.withTenant('acme', (manager) =>
      manager.query("update notes set tenant = 'globex'"),
    );
    await expect(move).rejects.toThrow(/row-level security/);
  });

  it('cannot be deleted by another tenant', async () => {
    await database.withTenant('globex', (manager) =>
      manager.query("delete from notes where tenant = 'acme'"),
    );
    const rows = await database.withTenant('acme', (manager) => manager.query('select * from notes'));
    expect(rows).toHaveLength(1);
  });

  it('are all visible across tenants, migrations included', async () => {
    const rows = await database.acrossTenants((manager) =>
      manager.query('select tenant from notes order by tenant'),
    );
    expect(rows).toEqual([{ tenant: 'acme' }, { tenant: 'globex' }, { tenant: 'seed' }]);
  });

  it.each(['', '*'])('cannot be had by the name "%s"', async (tenant) => {
    await expect(database.withTenant(tenant, async () => 'reached')).rejects.toThrow(/name of one tenant/);
  });

  it('are invisible and closed to a connection that has named no tenant, also after one that had', async () => {
    await connected(test.url, async (client) => {
      expect((await client.query('select * from notes')).rows).toEqual([]);
      await client.query("begin; select set_config('gatehouse.tenant', 'acme', true); commit");
      expect((await client.query('select * from notes')).rows).toEqual([]);
      for (const tenant of ['acme', ''])
        await expect(client.query('insert into notes values ($1, $1)', [tenant])).rejects.toThrow(
          /row-level/,
        );
    });
  });

  it('are invisible to a query that goes round the transaction, on a connection that served it', async () => {
    const single = await openDatabase({ ...vault, url: test.url, poolSize: 1 });
    const source = await single.withTenant('acme', async (manager) => manager.dataSource);
    expect(await source.query('select * from notes')).toEqual([]);
    await single.close();
  });

  it('are undone together when the work fails', async () => {
    const work = database.withTenant('acme', async (manager) => {
      await manager.query("insert into notes values ('acme', 'undone')");
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    const rows = await database.withTenant('acme', (manager) => manager.query('select * from notes'));
    expect(rows).toHaveLength(1);
  });

  it('keep no statement and no idle transaction waiting for longer than 30 s', async () => {
    const sql = 'select current_setting(name) as limit from unnest($1::text[]) name';
    const names = ['statement_timeout', 'idle_in_transaction_session_timeout'];
    const rows = await database.withTenant('acme', (manager) => manager.query(sql, [names]));
    expect(rows).toEqual([{ limit: '30s' }, { limit: '30s' }]);
  });

  it('do not stand in the error of a query that failed, which somebody will log', async () => {
    await add(database, 'a', 'a confidential text');
    const error: unknown = await add(database, 'a', 'a confidential text').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ driverError: { code: '23505' } });
    expect(inspect(error, { depth: 5 })).not.toContain('a confidential text');
  });

  it('leave a fault of the query what it is', async () => {
    const twice = add(database, 'acme', 'of acme');
    await expect(twice).rejects.toMatchObject({ name: 'QueryFailedError', code: '23505' });
  });
});

describe('opening a database', () => {
  let test: TestDatabase & { adminUrl: string };

  beforeEach(async () => {
    const { urls, adminUrl, drop } = await testDatabases(['vault']);
    test = { url: urls.vault, adminUrl, drop };
  }, 60_000);

  afterEach(() => test.drop());

  it('runs the migrations once when several replicas start together', async () => {
    const replicas = await Promise.all([1, 2, 3].map(() => openDatabase({ ...vault, url: test.url })));
    const done = await replicas[0]!.acrossTenants((manager) => manager.query('select name from migrations'));
    expect(done).toEqual(migrations.map(({ name }) => ({ name })));
    for (const replica of replicas) await replica.close();
  });

  it('undoes all migrations of a run in which one fails', async () => {
    const broken = { ...vault, url: test.url, migrations: [...migrations, Broken1700000000002] };
    await expect(openDatabase(broken)).rejects.toThrow(/no_such_function/);
    const tables = "select tablename from pg_tables where schemaname = 'vault' and tablename <> 'migrations'";
    const { rows } = await connected(test.url, (client) => client.query(tables));
    expect(rows).toEqual([]);
  });

  it('refuses a role that bypasses row-level security', async () => {
    const opening = openDatabase({ ...vault, url: test.adminUrl });
    await expect(opening).rejects.toThrow(/bypasses row-level security: use .*gatehouse_vault/);
  });

  it('says what to do where the schema has not been prepared', async () => {
    const opening = openDatabase({ ...vault, schema: 'audit', url: test.url });
    await expect(opening).rejects.toThrow(/schema "audit".*roles\.sh/);
  });

  it('refuses a wrong password at once, without showing it', async () => {
    const url = new URL(test.url);
    url.password = 'not-this-one';
    const opening = openDatabase({ ...vault, url: { reveal: () => url.href } });
    const error: unknown = await opening.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'DatabaseError',
      message: expect.stringMatching(/password.*correct/),
    });
    expect((error as Error).message).not.toContain('not-this-one');
  });

  it('refuses a database that does not exist at once', async () => {
    const url = new URL(test.url);
    url.pathname = '/missing';
    await expect(openDatabase({ ...vault, url: url.href })).rejects.toThrow(
      /has no such database: create it/,
    );
  });

  it('waits for an unreachable server, says so, and gives up with one clear line', async () => {
    const lines: string[] = [];
    const log = { info: () => undefined, warn: (line: string) => void lines.push(line) };
    const port = await closedPort();
    const url = `postgres://gatehouse_vault:hunter2@127.0.0.1:${port}/gatehouse`;
    const began = Date.now();
    const opening = openDatabase({ ...vault, url, log, giveUpAfterMs: 1_000 });
    await expect(opening).rejects.toThrow(
      new RegExp(
        `^Postgres at 127.0.0.1:${port}/gatehouse could not be reached for 1 s .ECONNREFUSED.: start it`,
      ),
    );
    expect(Date.now() - began).toBeGreaterThanOrEqual(700);
    expect(lines).toEqual([expect.stringContaining(`waiting for Postgres at 127.0.0.1:${port}/gatehouse`)]);
    expect(lines.join()).not.toContain('hunter2');
  });
});
