import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { testDatabases, type TestDatabases } from '@gatehouse/testing';
import { Client } from 'pg';
import { startEmbeddedPostgres } from './embedded/embedded-postgres.js';
import { prepareDatabase } from './prepare-database.js';
import { rolesScript, servicesWithDatabase } from './service-role.js';

const script = new URL('../../../deploy/postgres/roles.sh', import.meta.url);

async function query(url: string, sql: string) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Neither may read or write what is the other's, nor leave something where the other would find it. */
async function expectWalls(urls: Readonly<Record<'auth' | 'vault', string>>) {
  await query(urls.vault, "create table secrets as select 'sesame' as secret");
  expect(await query(urls.vault, 'select secret from vault.secrets')).toEqual([{ secret: 'sesame' }]);
  await expect(query(urls.auth, 'select secret from vault.secrets')).rejects.toMatchObject({ code: '42501' });
  await expect(query(urls.auth, 'create table vault.planted ()')).rejects.toMatchObject({ code: '42501' });
  await expect(query(urls.auth, 'create table public.planted ()')).rejects.toMatchObject({ code: '42501' });
  const mayUse =
    "select has_schema_privilege('public', 'usage') or has_schema_privilege('vault', 'usage') as used";
  expect(await query(urls.auth, mayUse)).toEqual([{ used: false }]);
  await expect(query(urls.auth, 'set role gatehouse_vault')).rejects.toMatchObject({ code: '42501' });
}

describe('a prepared database', () => {
  let test: TestDatabases<'auth' | 'vault'>;

  beforeEach(async () => {
    test = await testDatabases(['auth', 'vault']);
  }, 60_000);

  afterEach(() => test.drop());

  it('keeps one service out of the schema of another', () => expectWalls(test.urls));

  it('gives roles that cannot get around row-level security', async () => {
    const sql = `select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as mighty from pg_roles
      where rolname like 'gatehouse\\_%'`;
    expect(await query(test.adminUrl, sql)).not.toContainEqual({ mighty: true });
  });

  it('is not taken from another installation, whose services would be locked out', async () => {
    const services = ['auth', 'vault'] as const;
    const foreign = { url: test.adminUrl, services, passwordFor: () => 'another', takeNoRoleOver: true };
    await expect(prepareDatabase(foreign)).rejects.toThrow(/gatehouse_auth .* another password/);
    await expectWalls(test.urls);
    const own = { ...foreign, passwordFor: (service: string) => `test-${service}` };
    expect(await prepareDatabase(own)).toEqual(test.urls);
  });

  it('may be prepared again, by several at once', async () => {
    const again = { url: test.adminUrl, services: ['auth', 'vault'] as const };
    const passwordFor = (service: string) => `test-${service}`;
    await Promise.all([1, 2, 3, 4].map(() => prepareDatabase({ ...again, passwordFor })));
    await expectWalls(test.urls);
  });
});

describe('preparing a database', () => {
  it('lets an administrator do it who is no superuser, and keeps passwords out of the log', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-prepare-'));
    const server = await startEmbeddedPostgres({ folder, settings: { log_statement: 'all', fsync: 'off' } });
    try {
      await query(server.url, "create role admin login createrole password 'x'");
      await query(server.url, 'create database gatehouse owner admin');
      const url = new URL(server.url);
      Object.assign(url, { username: 'admin', password: 'x', pathname: '/gatehouse' });
      const passwordFor = (service: string) => `p@ss/${service}`;
      const twice = { url: url.href, services: ['auth', 'vault'] as const, passwordFor };
      await prepareDatabase(twice);
      await expectWalls(await prepareDatabase(twice));
      const log = await readFile(join(folder, 'postgres.log'), 'utf8');
      expect(log).toContain('with login password');
      expect(log).not.toContain('p@ss');
    } finally {
      await server.stop();
      await rm(folder, { recursive: true });
    }
  }, 60_000);
});

describe('deploy/postgres/roles.sh', () => {
  it('is what the code says now', () => {
    // If this fails: npx tsc -b libs/persistence && node libs/persistence/dist/generate-roles.js
    expect(readFileSync(script, 'utf8')).toBe(rolesScript());
  });

  it('prepares a database by psql, as prepareDatabase does', async () => {
    const test = await testDatabases([]);
    const admin = new URL(test.adminUrl);
    const passwords = servicesWithDatabase.map((service) => [
      `GATEHOUSE_${service.toUpperCase()}_DB_PASSWORD`,
      `test-${service}`,
    ]);
    const env = {
      ...process.env,
      PGHOST: admin.hostname,
      PGPORT: admin.port,
      PGPASSWORD: admin.password,
      POSTGRES_USER: admin.username,
      POSTGRES_DB: admin.pathname.slice(1),
      ...Object.fromEntries(passwords),
    };
    const urlOf = (service: string) =>
      Object.assign(new URL(admin), { username: `gatehouse_${service}`, password: `test-${service}` }).href;
    try {
      for (let time = 1; time <= 2; time++)
        await expect(promisify(execFile)(fileURLToPath(script), { env })).resolves.toMatchObject({
          stdout: '',
        });
      await expectWalls({ auth: urlOf('auth'), vault: urlOf('vault') });
    } finally {
      await test.drop();
    }
  }, 60_000);
});
