import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { prepareDatabase, startEmbeddedPostgres } from '@gatehouse/persistence';

/** Meets nobody else's advisory lock on the administrator's database. */
const LOCK = 0x74657374;

export interface TestDatabase {
  /** The service's own URL: its role, its schema. */
  readonly url: string;
  readonly drop: () => Promise<void>;
}

export interface TestDatabases<Service extends string> {
  readonly urls: Readonly<Record<Service, string>>;
  readonly adminUrl: string;
  readonly drop: () => Promise<void>;
}

/** A fresh database that holds one service's role and schema. */
export async function testDatabase(service: string): Promise<TestDatabase> {
  const { urls, drop } = await testDatabases([service]);
  return { url: urls[service] as string, drop };
}

/**
 * A fresh database for several services. It is made on the server of `TEST_DATABASE_URL` (an administrator's URL), or
 * else on an embedded Postgres that lives as long as this process.
 */
export async function testDatabases<Service extends string>(
  services: readonly Service[],
): Promise<TestDatabases<Service>> {
  const server = process.env['TEST_DATABASE_URL'] || (await (embedded ??= embeddedServer()));
  const name = `test_${randomBytes(6).toString('hex')}`;
  const adminUrl = onDatabase(server, name);
  const urls = await asAdministrator(server, async (client) => {
    // Roles belong to the whole server: test files that start together take turns.
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query(`create database ${name}`);
    return prepareDatabase({ url: adminUrl, services, passwordFor: (service) => `test-${service}` });
  });
  const drop = () =>
    asAdministrator(server, (client) => client.query(`drop database if exists ${name} with (force)`));
  return { urls, adminUrl, drop: async () => void (await drop()) };
}

async function asAdministrator<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function onDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

let embedded: Promise<string> | undefined;

/** One per process. Test files of one process share no variables, so the folder says whether it runs. */
async function embeddedServer(): Promise<string> {
  const folder = join(tmpdir(), `gatehouse-test-postgres-${process.pid}`);
  const note = join(folder, 'url');
  if (existsSync(note)) return readFile(note, 'utf8');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  endAfterUs(folder);
  const settings = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };
  const { url } = await startEmbeddedPostgres({ folder, settings });
  await writeFile(`${note}.new`, url, { mode: 0o600 });
  await rename(`${note}.new`, note);
  return url;
}

/** Waits for the end of its input, which comes when we die, by whatever cause; then stops the server and tidies up. */
const SUPERVISOR = `
trap '' INT TERM HUP
cat >/dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
  kill -QUIT "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
fi
rm -rf "$1"
`;

function endAfterUs(folder: string): void {
  const child = spawn('sh', ['-c', SUPERVISOR, 'supervisor', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
}
