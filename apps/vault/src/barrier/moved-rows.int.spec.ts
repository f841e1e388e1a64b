import { randomUUID } from 'node:crypto';
import { Secret } from '@gatehouse/runtime';
import { testDatabase } from '@gatehouse/testing';
import { pino } from 'pino';
import { sql } from '../../test/sql.js';
import { MASTER_KEY, TestVault } from '../../test/start-vault.js';
import { Credential } from '../credentials/credential.entity.js';
import { readMasterKey } from '../master-key.js';
import { openVaultDatabase } from '../vault-database.js';
import { openBarrier } from './open-barrier.js';
import type { Place } from './record.js';

describe('rows that somebody with access to the database moved', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let vault: TestVault;

  beforeAll(async () => {
    database = await testDatabase('vault');
    vault = await TestVault.start({ url: database.url });
  });
  afterAll(async () => {
    await vault?.close();
    await database?.drop();
  });

  beforeEach(async () => {
    await sql(database.url, 'DELETE FROM credential');
    await sql(database.url, "DELETE FROM tenant_key WHERE tenant <> ''");
    await vault.put('github', { Authorization: 'Bearer of-github' });
    await vault.put('linear', { Authorization: 'Bearer of-linear' });
    await vault.put('github', { Authorization: 'Bearer of-acme' }, 'acme');
  });

  /** An error of ours, of which the caller learns nothing: neither a credential nor "there is none". */
  async function fails(server: string, tenant = 'demo'): Promise<void> {
    await expect(vault.lease(server, { tenant })).rejects.toMatchObject({
      code: 'internal',
      detail: undefined,
    });
  }

  /** Gives every credential for which `condition` holds the record of another one. */
  const swap = (condition: string) =>
    sql(database.url, `UPDATE credential a SET record = b.record FROM credential b WHERE ${condition}`);

  /** Stores a record that is really of another place, as a vault with more kinds of credentials will. */
  async function keep(place: Place): Promise<void> {
    const log = pino({ level: 'silent' });
    const own = await openVaultDatabase(new Secret(database.url), log);
    const barrier = await openBarrier(
      own,
      readMasterKey({ GATEHOUSE_MASTER_KEY: new Secret(MASTER_KEY) }, log),
    );
    await own.withTenant(place.tenant, async (manager) => {
      const record = await barrier.seal(manager, place, Buffer.from('{"Authorization":"Bearer of-another"}'));
      await manager.insert(Credential, { ...place, id: randomUUID(), record });
    });
    await own.close();
  }

  it('do not open when swapped between servers', async () => {
    await swap("a.tenant = 'demo' AND b.tenant = 'demo' AND a.server <> b.server");
    await fails('github');
    await fails('linear');
  });

  it('do not open when swapped between tenants', async () => {
    await swap("a.server = 'github' AND b.server = 'github' AND a.tenant <> b.tenant");
    await fails('github');
    await fails('github', 'acme');
  });

  it('do not open in another tenant even if the tenant’s key is moved along', async () => {
    await swap("a.server = 'github' AND a.tenant = 'demo' AND b.tenant = 'acme'");
    await sql(database.url, "UPDATE tenant_key SET tenant = 'gone' WHERE tenant = 'demo'");
    await sql(database.url, "UPDATE tenant_key SET tenant = 'demo' WHERE tenant = 'acme'");
    await fails('github');
  });

  it('do not open when the tenants’ wrapped keys are swapped', async () => {
    await sql(
      database.url,
      `UPDATE tenant_key a SET wrapped = b.wrapped FROM tenant_key b
       WHERE a.tenant IN ('demo', 'acme') AND b.tenant IN ('demo', 'acme') AND a.tenant <> b.tenant`,
    );
    await fails('github');
    await fails('github', 'acme');
  });

  it('do not make one tenant’s new credentials readable with another tenant’s key', async () => {
    await sql(database.url, "UPDATE tenant_key SET tenant = 'demo', version = 2 WHERE tenant = 'acme'");
    await expect(vault.put('github', { Authorization: 'Bearer new' })).rejects.toMatchObject({
      code: 'internal',
    });
  });

  it.each([
    { tenant: 'demo', subject: 'jane', server: 'github', kind: 'headers' },
    { tenant: 'demo', subject: '*', server: 'github', kind: 'refresh-token' },
  ])('do not open when swapped with those of subject $subject and kind $kind', async (other) => {
    await keep(other);
    await swap(
      "a.server = 'github' AND b.server = 'github' AND a.tenant = 'demo' AND b.tenant = 'demo' AND a.id <> b.id",
    );
    await fails('github');
  });

  it('do not open among the keys of services', async () => {
    await vault.authKeys();
    await sql(
      database.url,
      "UPDATE service_key SET record = (SELECT record FROM credential WHERE server = 'linear')",
    );
    await expect(vault.authKeys()).rejects.toMatchObject({ code: 'internal' });
  });
});
