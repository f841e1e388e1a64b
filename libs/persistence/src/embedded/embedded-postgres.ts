import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseError, type ProgressLog } from '../database-error.js';
import { KeptRunning } from './keep-running.js';
import { launchPostgres } from './launch-postgres.js';
import { makeCluster, type Place } from './make-cluster.js';
import { findBinaries } from './postgres-binaries.js';
import { stopLeftOver } from './postmaster.js';
import { handOver, unprivileged } from './unprivileged.js';

export interface EmbeddedPostgres {
  /** A superuser's URL, password included. */
  readonly url: string;
  /** Fast shutdown; resolves when the server has ended. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** For this server alone; the caller sees to it that no other process uses it. */
  readonly folder: string;
  readonly log?: ProgressLog;
  /** Further settings of postgresql.conf; the port is a free one otherwise. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts the Postgres that comes with the npm package on 127.0.0.1, in `folder`: `data`, `password` (of the superuser)
 * and `postgres.log`. A server that was left running there by a killed process is stopped first; one that ends by itself
 * is started again on the same port.
 *
 * @throws DatabaseError if there are no binaries for this machine, the data is of another version, or it does not start
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const folder = await realpath(options.folder);
  const binaries = await findBinaries(join(folder, 'lib'));
  const place: Place = { folder, data: join(folder, 'data'), binaries, as: await unprivileged() };
  await stopLeftOver(place.data, options.log);
  const password = await readPassword(place);
  await handOver(folder, place.as);
  if (existsSync(place.data)) await checkVersion(place);
  else await makeCluster(place, options.log);
  const { child, port } = await launchPostgres(place, options.settings ?? {});
  const again = async () => {
    await stopLeftOver(place.data, options.log);
    return (await launchPostgres(place, { ...options.settings, port: String(port) })).child;
  };
  const server = new KeptRunning(child, again, options.log);
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    stop: () => server.stop(),
  };
}

/** The superuser's: made with the data, and kept as long. */
async function readPassword({ folder, data }: Place): Promise<string> {
  const file = join(folder, 'password');
  if (!existsSync(data)) {
    const password = randomBytes(32).toString('base64url');
    await writeFile(file, password, { mode: 0o600 });
    return password;
  }
  if (existsSync(file)) return readFile(file, 'utf8');
  throw new DatabaseError(`${file} is missing: restore it, or move ${folder} away to begin afresh`);
}

async function checkVersion({ folder, data, binaries }: Place): Promise<void> {
  const version = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => 'no version')).trim();
  if (version === binaries.major) return;
  throw new DatabaseError(
    `the data in ${folder} is of Postgres ${version}, and the embedded Postgres is ${binaries.major}: carry it over with pg_upgrade or pg_dump, or run the Gatehouse that made it`,
  );
}
