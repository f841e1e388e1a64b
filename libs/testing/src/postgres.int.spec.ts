import { Client } from 'pg';
import { testDatabase, testDatabases } from './postgres.js';

async function query(url: string, sql: string) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a test database', () => {
  it('is fresh each time, and gone when dropped', async () => {
    const [first, second] = await Promise.all([testDatabase('vault'), testDatabase('vault')]);
    await query(first.url, 'create table mine ()');
    expect(await query(second.url, "select to_regclass('mine') as found")).toEqual([{ found: null }]);
    await first.drop();
    await expect(query(first.url, 'select 1')).rejects.toMatchObject({ code: '3D000' });
    await second.drop();
  }, 60_000);

  it('gives each service its own schema in one database', async () => {
    const { urls, adminUrl, drop } = await testDatabases(['auth', 'audit']);
    const where =
      'select current_database() as database, current_schema() as schema, current_user::text as role';
    const database = new URL(adminUrl).pathname.slice(1);
    expect(await query(urls.auth, where)).toEqual([{ database, schema: 'auth', role: 'gatehouse_auth' }]);
    expect(await query(urls.audit, where)).toEqual([{ database, schema: 'audit', role: 'gatehouse_audit' }]);
    await drop();
  }, 60_000);
});
