import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError } from '../database-error.js';
import { spawnOptions, type Place } from './make-cluster.js';
import { readPostmaster } from './postmaster.js';

/** Recovery after a crash may take its time. */
const START_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 20;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const PORT_ATTEMPTS = 3;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '64MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // Without the DETAIL lines, which quote rows.
  log_error_verbosity: 'terse',
};

export interface Launched {
  readonly child: ChildProcess;
  readonly port: number;
}

/** @throws DatabaseError with what the server said, if it does not start */
export async function launchPostgres(
  place: Place,
  settings: Readonly<Record<string, string>>,
): Promise<Launched> {
  for (let attempt = 1; ; attempt++) {
    const port = Number(settings['port']) || (await freePort());
    const { child, output } = await spawnPostgres(place, { ...SETTINGS, ...settings, port: String(port) });
    if (await becomesReady(child, place.data)) return { child, port };
    child.kill('SIGQUIT');
    const said = await output();
    // Somebody may take the port between our look and the server's.
    if (/could not bind|could not create any TCP/.test(said) && attempt < PORT_ATTEMPTS) continue;
    throw new DatabaseError(
      `the embedded Postgres in ${place.folder} does not start:\n${said.trim().slice(-2000)}`,
    );
  }
}

async function spawnPostgres(place: Place, settings: Readonly<Record<string, string>>) {
  const file = join(place.folder, 'postgres.log');
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  const keep = size < LOG_LIMIT_BYTES;
  const log = await open(file, keep ? 'a' : 'w', 0o600);
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = place.as.command(place.binaries.postgres, ['-D', place.data, ...args]);
  const child = spawn(...command, {
    ...spawnOptions(place),
    stdio: ['ignore', log.fd, log.fd],
    // Out of reach of Ctrl-C in our terminal: we still need the database while we drain.
    detached: true,
  });
  child.unref();
  await once(child, 'spawn');
  await log.close();
  const output = async () => (await readFile(file)).subarray(keep ? size : 0).toString();
  return { child, output };
}

async function becomesReady(child: ChildProcess, data: string): Promise<boolean> {
  const giveUpAt = Date.now() + START_LIMIT_MS;
  while (isRunning(child) && Date.now() < giveUpAt) {
    const postmaster = await readPostmaster(data);
    if (postmaster?.pid === child.pid && postmaster?.ready) return true;
    await delay(LOOK_EVERY_MS);
  }
  return false;
}

export function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
