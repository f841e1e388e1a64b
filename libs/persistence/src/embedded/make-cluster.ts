import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseError, type ProgressLog } from '../database-error.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import type { Unprivileged } from './unprivileged.js';

/** What both initdb and postgres need. */
export interface Place {
  readonly folder: string;
  readonly data: string;
  readonly binaries: PostgresBinaries;
  readonly as: Unprivileged;
}

export function spawnOptions({ folder, binaries, as }: Place) {
  // Nothing else of our environment: it holds secrets, and PG* variables that Postgres would obey.
  const env = { PATH: process.env['PATH'], ...binaries.env };
  return { cwd: folder, env, uid: as.uid, gid: as.gid };
}

/** Makes the data aside and moves it in place, so that an interrupted first start leaves nothing half done. */
export async function makeCluster(place: Place, log?: ProgressLog): Promise<void> {
  log?.info('making the embedded database');
  const { folder, data, binaries, as } = place;
  const aside = `${data}.new`;
  await rm(aside, { recursive: true, force: true });
  const owner = ['-U', 'postgres', `--pwfile=${join(folder, 'password')}`, '--auth=scram-sha-256'];
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const command = as.command(binaries.initdb, ['-D', aside, ...owner, ...locale]);
  try {
    await promisify(execFile)(...command, spawnOptions(place));
  } catch (error) {
    const output = (error as { stderr?: string }).stderr ?? String(error);
    throw new DatabaseError(`the embedded database cannot be made in ${folder}:\n${output.trim()}`);
  }
  await rename(aside, data);
}
