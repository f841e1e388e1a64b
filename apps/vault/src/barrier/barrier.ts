import { randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { decrypt, encrypt, KEY_BYTES, keyIdOf, type Key } from './envelope.js';
import { openRecord, sealRecord, type Place } from './record.js';
import { TenantKey } from './tenant-key.entity.js';

/**
 * The one place where plaintext becomes ciphertext and back. The master key opens the tenants' keys, a tenant's key
 * opens the data keys of its records. Tenants' keys are fetched for each use and then overwritten, so a
 * tenant whose keys are destroyed is unreadable at once.
 */
export class Barrier {
  /** Made by openBarrier, which has seen that this is the master key of the database. */
  constructor(private readonly master: Key) {}

  async seal(manager: EntityManager, place: Place, content: Buffer): Promise<Buffer> {
    const key = (await this.newestKey(manager, place.tenant)) ?? (await this.makeKey(manager, place.tenant));
    return using(key, () => sealRecord(content, place, key));
  }

  /** @throws Error if the record was altered or belongs elsewhere */
  async open(manager: EntityManager, place: Place, record: Buffer): Promise<Buffer> {
    const row = await manager.findOneBy(TenantKey, { id: keyIdOf(record), tenant: place.tenant });
    if (!row)
      throw new Error(
        `a record of tenant '${place.tenant}' names the key ${keyIdOf(record)}, which is not there`,
      );
    const key = this.unwrap(row);
    return using(key, () => openRecord(record, place, key));
  }

  private async newestKey(manager: EntityManager, tenant: string): Promise<Key | undefined> {
    const [row] = await manager.find(TenantKey, { where: { tenant }, order: { version: 'DESC' }, take: 1 });
    return row && this.unwrap(row);
  }

  /** Two vaults may come here at once: the second waits for the first to commit, and then uses its key. */
  private async makeKey(manager: EntityManager, tenant: string): Promise<Key> {
    const key = { id: randomUUID(), secret: randomBytes(KEY_BYTES) };
    const wrapped = using(key, () => encrypt(key.secret, this.master, ['tenant key', tenant, key.id]));
    const row = { id: key.id, tenant, version: 1, wrapped };
    await manager.createQueryBuilder().insert().into(TenantKey).values(row).orIgnore().execute();
    return this.unwrap(await manager.findOneByOrFail(TenantKey, { tenant, version: 1 }));
  }

  private unwrap({ id, tenant, wrapped }: TenantKey): Key {
    return { id, secret: decrypt(wrapped, this.master, ['tenant key', tenant, id]) };
  }
}

function using<T>(key: Key, work: () => T): T {
  try {
    return work();
  } finally {
    key.secret.fill(0);
  }
}
