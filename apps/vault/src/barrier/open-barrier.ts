import type { EntityManager } from 'typeorm';
import type { Database } from '@gatehouse/persistence';
import { StartError } from '@gatehouse/runtime';
import { Credential } from '../credentials/credential.entity.js';
import { fingerprint } from '../master-key.js';
import { SecretRow } from '../secrets/secret.entity.js';
import { ServiceKey } from '../service-keys/service-key.entity.js';
import { Barrier } from './barrier.js';
import { decrypt, encrypt, type Context, type Key } from './envelope.js';
import { KeyCheck } from './key-check.entity.js';
import { TenantKey } from './tenant-key.entity.js';

const ONLY_ROW = 1;
const CONTEXT: Context = ['key check'];

/**
 * Opens the barrier, if this is the master key under which the database was filled. A database that is still empty
 * becomes this key's.
 *
 * @throws StartError saying which key was given and which is needed
 */
export async function openBarrier(database: Database, master: Key): Promise<Barrier> {
  await database.acrossTenants(async (manager) => {
    // so that of two vaults on an empty database the second sees the first one's row
    await manager.query('LOCK TABLE key_check IN EXCLUSIVE MODE');
    const check = await manager.findOneBy(KeyCheck, { id: ONLY_ROW });
    if (check) requireKey(check, master);
    else await claimEmpty(manager, master);
  });
  return new Barrier(master);
}

function requireKey(check: KeyCheck, master: Key): void {
  const given = fingerprint(master);
  if (check.fingerprint !== given)
    throw new StartError(
      `the vault's database was filled under the master key with fingerprint ${check.fingerprint}, but the one given has ` +
        `${given}: set GATEHOUSE_MASTER_KEY or GATEHOUSE_MASTER_KEY_FILE to the right one (nothing was changed)`,
    );
  try {
    decrypt(check.sealed, master, CONTEXT);
  } catch {
    throw new StartError(
      `the vault's key_check row does not open with the master key ${given} although it names it: restore the vault's ` +
        'tables from a backup (nothing was changed)',
    );
  }
}

async function claimEmpty(manager: EntityManager, master: Key): Promise<void> {
  for (const entity of [TenantKey, Credential, ServiceKey, SecretRow])
    if (await manager.exists(entity))
      throw new StartError(
        "the vault's database has secrets but no key_check row, so their master key is unknown: restore the vault's " +
          'tables from a backup (nothing was changed)',
      );
  const sealed = encrypt(Buffer.from('gatehouse'), master, CONTEXT);
  await manager.insert(KeyCheck, { id: ONLY_ROW, fingerprint: fingerprint(master), sealed });
}
