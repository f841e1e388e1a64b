import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareDatabase, servicesWithDatabase, startEmbeddedPostgres } from '@gatehouse/persistence';
import type { AllInOneConfig } from './config.js';
import type { MasterKey } from './master-key.js';
import type { Progress } from './progress.js';

export interface Databases {
  /** Each service's own address: its own role, its own schema. */
  readonly urls: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The database that the environment names, or the embedded one in the data folder; prepared for every service. */
export async function openDatabases(
  config: AllInOneConfig,
  master: MasterKey,
  progress: Progress,
): Promise<Databases> {
  const embedded = config.DATABASE_URL ? null : await startEmbedded(config, progress);
  const url = embedded?.url ?? config.DATABASE_URL?.reveal() ?? '';
  const key = await keyMaterial(master);
  const urls = await prepareDatabase({
    url,
    services: servicesWithDatabase,
    // the same on every start and in every replica, and known to nobody without the master key
    passwordFor: (service) => createHmac('sha256', key).update(`database:${service}`).digest('base64url'),
    log: progress,
    takeNoRoleOver: config.DATABASE_URL !== undefined,
  });
  return { urls, stop: async () => embedded?.stop() };
}

async function startEmbedded(config: AllInOneConfig, progress: Progress) {
  progress.info('starting the embedded Postgres');
  return startEmbeddedPostgres({ folder: join(config.GATEHOUSE_DATA, 'postgres'), log: progress });
}

async function keyMaterial(master: MasterKey): Promise<string> {
  if ('GATEHOUSE_MASTER_KEY' in master) return master.GATEHOUSE_MASTER_KEY;
  return (await readFile(master.GATEHOUSE_MASTER_KEY_FILE, 'utf8')).trim();
}
