import { openDatabase, type Database } from '@gatehouse/persistence';
import type { Logger, Secret } from '@gatehouse/runtime';
import { KeyCheck } from './barrier/key-check.entity.js';
import { TenantKey } from './barrier/tenant-key.entity.js';
import { Credential } from './credentials/credential.entity.js';
import { MakeVault1764500000000 } from './migrations/1764500000000-make-vault.js';
import { Secrets1764500100000 } from './migrations/1764500100000-secrets.js';
import { SecretRow } from './secrets/secret.entity.js';
import { ServiceKey } from './service-keys/service-key.entity.js';

/** Opens the vault's own schema, brought up to date. */
export function openVaultDatabase(url: Secret, log: Logger): Promise<Database> {
  return openDatabase({
    url,
    schema: 'vault',
    entities: [KeyCheck, TenantKey, Credential, ServiceKey, SecretRow],
    migrations: [MakeVault1764500000000, Secrets1764500100000],
    log,
  });
}
