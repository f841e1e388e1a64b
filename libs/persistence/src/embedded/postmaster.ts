import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DatabaseError, type ProgressLog } from '../database-error.js';

const LOOK_EVERY_MS = 20;
const STOP_LIMIT_MS = 30_000;

/** What a running server writes into its data folder (PostgreSQL: miscadmin.h, postmaster.pid). */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

export async function readPostmaster(data: string): Promise<Postmaster | null> {
  const text = await readFile(pidFile(data), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return null;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/**
 * Ends a server that outlived the process which started it, and removes the mark of one that is dead, even where its
 * process id now belongs to another program.
 */
export async function stopLeftOver(data: string, log?: ProgressLog): Promise<void> {
  const left = await readPostmaster(data);
  if (!left) return;
  if (!(await runs(left.pid, data))) return rm(pidFile(data), { force: true });
  log?.warn(`stopping the embedded Postgres that was left running (process ${left.pid})`);
  // SIGINT: fast shutdown. SIGQUIT: immediate shutdown, recovered from at the next start.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.kill(left.pid, signal);
    if (await ends(left.pid, data)) return;
  }
  throw new DatabaseError(`the embedded Postgres does not stop: end process ${left.pid} and start again`);
}

async function ends(pid: number, data: string): Promise<boolean> {
  const giveUpAt = Date.now() + STOP_LIMIT_MS;
  while (await runs(pid, data)) {
    if (Date.now() > giveUpAt) return false;
    await delay(LOOK_EVERY_MS);
  }
  return true;
}

/** True if this process is a server over this data folder, by its command line. */
async function runs(pid: number, data: string): Promise<boolean> {
  const command = await commandOf(pid);
  return command.includes('postgres') && command.includes(data);
}

async function commandOf(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') return await readFile(`/proc/${pid}/cmdline`, 'utf8');
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
    return stdout;
  } catch {
    return '';
  }
}

function pidFile(data: string): string {
  return join(data, 'postmaster.pid');
}
