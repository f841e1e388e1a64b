import { Secret } from '@gatehouse/runtime';
import { testDatabase } from '@gatehouse/testing';
import { pino } from 'pino';
import { dump, holdTable, sql } from '../../test/sql.js';
import { MASTER_KEY, TestVault } from '../../test/start-vault.js';
import { readMasterKey } from '../master-key.js';
import { openVaultDatabase } from '../vault-database.js';
import type { Barrier } from './barrier.js';
import { openBarrier } from './open-barrier.js';

const log = pino({ level: 'silent' });
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');

describe('starting the vault', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;

  beforeEach(async () => {
    database = await testDatabase('vault');
  });
  afterEach(() => database?.drop());

  async function startOnce(masterKey?: string): Promise<void> {
    const vault = await TestVault.start({ url: database.url, masterKey });
    await vault.close();
  }

  async function refusesToStart(masterKey: string, line: RegExp): Promise<void> {
    const before = await dump(database.url);
    await expect(startOnce(masterKey)).rejects.toThrow(line);
    expect(await dump(database.url)).toBe(before);
  }

  it('keeps credentials and keys over a restart, and the transport key not', async () => {
    const first = await TestVault.start({ url: database.url });
    await first.put('github', { Authorization: 'Bearer kept' });
    const keys = await first.authKeys();
    await first.close();
    const second = await TestVault.start({ url: database.url });
    expect(await second.lease('github')).toMatchObject({ headers: { Authorization: 'Bearer kept' } });
    expect(await second.authKeys()).toEqual(keys);
    await second.close();
  });

  it('refuses another master key, names both by fingerprint, and changes nothing', async () => {
    await startOnce();
    await refusesToStart(OTHER_KEY, /fingerprint 4bb06f8e, but the one given has 2578ccf8/);
    await startOnce();
  });

  it('refuses another master key even where the fingerprint was forged', async () => {
    await startOnce();
    await sql(database.url, "UPDATE key_check SET fingerprint = '2578ccf8'");
    await refusesToStart(OTHER_KEY, /key_check row does not open/);
  });

  it('makes no new key check where there are secrets already', async () => {
    const vault = await TestVault.start({ url: database.url });
    await vault.authKeys();
    await vault.close();
    await sql(database.url, 'DELETE FROM key_check');
    await refusesToStart(OTHER_KEY, /no key_check row/);
    await refusesToStart(MASTER_KEY, /no key_check row/);
  });

  it('refuses a short master key before it touches the database', async () => {
    await expect(startOnce('c2hvcnQ=')).rejects.toThrow('GATEHOUSE_MASTER_KEY: must be 32 bytes');
    expect(await sql(database.url, "SELECT FROM pg_tables WHERE schemaname = 'vault'")).toEqual([]);
  });

  it('works for several vaults that start at once on an empty database: all have the same keys', async () => {
    const vaults = await Promise.all([1, 2, 3].map(() => TestVault.start({ url: database.url })));
    const [keys, ...others] = await Promise.all(vaults.map((vault) => vault.authKeys()));
    for (const other of others) expect(other).toEqual(keys);
    await vaults[0]?.put('github', { Authorization: 'Bearer shared' });
    expect(await vaults[1]?.lease('github')).toMatchObject({ headers: { Authorization: 'Bearer shared' } });
    await Promise.all(vaults.map((vault) => vault.close()));
  });

  describe('of two vaults on an empty database at the same moment', () => {
    /** Holds both back at their first look at the table until both are there. */
    async function openBoth(masterKeys: [string, string]): Promise<PromiseSettledResult<Barrier>[]> {
      const databases = await Promise.all(
        masterKeys.map(() => openVaultDatabase(new Secret(database.url), log)),
      );
      const gate = await holdTable(database.url, 'key_check');
      const opening = Promise.allSettled(
        databases.map(async (own, index) => {
          const key = new Secret(masterKeys[index] ?? '');
          return openBarrier(own, readMasterKey({ GATEHOUSE_MASTER_KEY: key }, log));
        }),
      );
      await gate.untilWaiting(2);
      await gate.release();
      const opened = await opening;
      await Promise.all(databases.map((own) => own.close()));
      return opened;
    }

    it('both open it with the same master key', async () => {
      const opened = await openBoth([MASTER_KEY, MASTER_KEY]);
      expect(opened.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    });

    it('one has it, and the other with another master key is told so', async () => {
      const opened = await openBoth([MASTER_KEY, OTHER_KEY]);
      expect(opened.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      for (const result of opened)
        if (result.status === 'rejected')
          expect(String(result.reason)).toMatch(/StartError.*but the one given has/);
    });
  });
});
