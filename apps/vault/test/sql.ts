import pg from 'pg';

/** Runs one statement as the vault's own role, on the rows of all tenants. */
export async function sql(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("SELECT set_config('gatehouse.tenant', '*', false)");
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/** Every row of every table of the vault, as text (bytea in hexadecimal). */
export async function dump(url: string): Promise<string> {
  const tables = await sql(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'vault'");
  const rows = await Promise.all(
    tables.map(({ tablename }) => sql(url, `SELECT t::text AS row FROM vault."${String(tablename)}" t`)),
  );
  return JSON.stringify(rows);
}

/** Locks a table until told otherwise, so that a test can have several meet in front of it. */
export async function holdTable(url: string, table: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  const waiting = `SELECT count(*)::int AS waiting FROM pg_locks WHERE relation = '${table}'::regclass AND NOT granted`;
  return {
    async untilWaiting(count: number): Promise<void> {
      let found = 0;
      while (found < count) found = (await client.query(waiting)).rows[0].waiting;
    },
    async release(): Promise<void> {
      await client.query('COMMIT');
      await client.end();
    },
  };
}
