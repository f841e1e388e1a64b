import { setTimeout as delay } from 'node:timers/promises';
import { testDatabase } from '@gatehouse/testing';
import { CuttableProxy } from '../test/cuttable-proxy.js';
import { PUBLIC_URL, TestVault } from '../test/start-vault.js';

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

  const untilNotReady = async (expected: string | null) => {
    while (vault.notReady() !== expected) await delay(50);
  };

  it('the vault is not ready', async () => {
    expect(vault.notReady()).toBeNull();
    proxy.cut();
    await untilNotReady('the database cannot be reached');
    proxy.mend();
    await untilNotReady(null);
  }, 20_000);

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
