import { DatabasePulse } from '@gatehouse/persistence';
import { Secret } from '@gatehouse/runtime';
import { testDatabase } from '@gatehouse/testing';
import { pino } from 'pino';
import { CuttableProxy } from '../test/cuttable-proxy.js';
import { PUBLIC_URL, TestVault } from '../test/start-vault.js';
import { openVaultDatabase } from './vault-database.js';

describe('while the database cannot be reached', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let proxy: CuttableProxy;
  let vault: TestVault;

  beforeAll(async () => {
    database = await testDatabase('vault');
    proxy = await CuttableProxy.open(database.url);
    vault = await TestVault.start({ url: proxy.url });
  });
  afterAll(async () => {
    await vault?.close();
    proxy?.close();
    await database?.drop();
  });

  it('the vault is not ready once the database has been silent for 4 s', async () => {
    const own = await openVaultDatabase(new Secret(proxy.url), pino({ level: 'silent' }));
    const pulse = new DatabasePulse(own);
    const soon = () => performance.now() + 4_000;
    await pulse.beat();
    expect(pulse.notReady()).toBeNull();
    proxy.cut();
    await pulse.beat();
    expect(pulse.notReady(soon())).toBe('the database cannot be reached');
    proxy.mend();
    await pulse.beat();
    expect(pulse.notReady()).toBeNull();
    pulse.stop();
    await own.close();
  });

  it('a lease fails as our own trouble, never as a missing credential, and works again afterwards', async () => {
    await vault.put('github', { Authorization: 'Bearer kept' });
    const tokenFor = (server: string) => vault.token({ aud: `${PUBLIC_URL}/demo/mcp/${server}/server` });
    const tokens = { github: await tokenFor('github'), unknown: await tokenFor('unknown') };
    proxy.cut();
    for (const [server, token] of Object.entries(tokens))
      await expect(vault.lease(server, { token })).rejects.toMatchObject({ code: 'database.unavailable' });
    await expect(vault.put('github', {})).rejects.toMatchObject({ code: 'database.unavailable' });
    proxy.mend();
    expect(await vault.lease('github', { token: tokens.github })).toMatchObject({
      headers: { Authorization: 'Bearer kept' },
    });
  });
});
