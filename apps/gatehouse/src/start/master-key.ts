import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '@gatehouse/runtime';
import type { AllInOneConfig } from './config.js';
import type { Progress } from './progress.js';

const FILE = 'master.key';

/** The vault's environment: the key itself or its file. */
export type MasterKey =
  { readonly GATEHOUSE_MASTER_KEY: string } | { readonly GATEHOUSE_MASTER_KEY_FILE: string };

/**
 * Where the vault finds its master key: the environment says, or it lies in the data folder, made once together with
 * that folder. An old folder without its key is never given a new one: what was sealed would be lost for good.
 */
export async function masterKey(config: AllInOneConfig, progress: Progress): Promise<MasterKey> {
  const { GATEHOUSE_MASTER_KEY, GATEHOUSE_MASTER_KEY_FILE, GATEHOUSE_DATA } = config;
  if (GATEHOUSE_MASTER_KEY) return { GATEHOUSE_MASTER_KEY: GATEHOUSE_MASTER_KEY.reveal() };
  if (GATEHOUSE_MASTER_KEY_FILE) return { GATEHOUSE_MASTER_KEY_FILE };
  const file = join(GATEHOUSE_DATA, FILE);
  if (!existsSync(file)) await makeOnce(file, config);
  progress.warn(
    `the master key is the file ${file}: keep a copy of it elsewhere, for without it no credential can be read`,
  );
  return { GATEHOUSE_MASTER_KEY_FILE: file };
}

async function makeOnce(file: string, { GATEHOUSE_DATA }: AllInOneConfig): Promise<void> {
  if (existsSync(join(GATEHOUSE_DATA, 'postgres')))
    throw new StartError(
      `${file} is missing, but ${GATEHOUSE_DATA} holds a database: put the key back, or set GATEHOUSE_MASTER_KEY`,
    );
  await writeFile(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
}
