import { seal, TransportKey } from '@gatehouse/bus';
import { compareCredential, credentialChanged, deleteCredential, getVaultKey } from '@gatehouse/contracts';
import { testDatabase } from '@gatehouse/testing';
import { TestVault } from '../../test/start-vault.js';

describe('shared credentials', () => {
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

  const heard = () => new Promise((resolve) => vault.edge.subscribe(credentialChanged, resolve));

  async function equals(server: string, headers: Record<string, string>): Promise<boolean> {
    const { key } = await vault.policy.request(getVaultKey, {});
    const sealed = await seal({ tenant: 'demo', server, headers }, key);
    return (await vault.policy.request(compareCredential, { sealed })).equal;
  }

  it('are replaced, under a new id, and edges hear of it when the new one can be leased', async () => {
    const first = await vault.put('github', { Authorization: 'Bearer one' });
    const event = heard();
    const second = await vault.put('github', { Authorization: 'Bearer two' });
    expect(await event).toEqual({ tenant: 'demo', server: 'github' });
    expect(await vault.lease('github')).toMatchObject({
      credential: second,
      headers: { Authorization: 'Bearer two' },
    });
    expect(second).not.toBe(first);
  });

  it('are compared without being revealed, whatever the order and case of header names', async () => {
    await vault.put('compared', { 'X-Key': 'a', Authorization: 'b' });
    expect(await equals('compared', { authorization: 'b', 'x-key': 'a' })).toBe(true);
    expect(await equals('compared', { Authorization: 'B', 'X-Key': 'a' })).toBe(false);
    expect(await equals('compared', { Authorization: 'b' })).toBe(false);
    expect(await equals('compared', { Authorization: 'b","x-key":"a' })).toBe(false);
    expect(await equals('none', {})).toBe(false);
  });

  it('are gone when deleted, and edges hear of it', async () => {
    await vault.put('deleted', { Authorization: 'Bearer one' });
    const event = heard();
    await vault.policy.request(deleteCredential, { tenant: 'demo', server: 'deleted' });
    expect(await event).toEqual({ tenant: 'demo', server: 'deleted' });
    await expect(vault.lease('deleted')).rejects.toMatchObject({ code: 'vault.credential_missing' });
  });

  it('may be put for one new tenant by many at once: one key of that tenant is made', async () => {
    const servers = Array.from({ length: 10 }, (_, index) => `server-${index}`);
    await Promise.all(servers.map((server) => vault.put(server, { Authorization: server }, 'crowded')));
    for (const server of servers)
      expect(await vault.lease(server, { tenant: 'crowded' })).toMatchObject({
        headers: { Authorization: server },
      });
  });

  it('are refused if sealed to a key that is not this vault’s', async () => {
    const { publicJwk } = await TransportKey.create();
    const sealed = await seal({ tenant: 'demo', server: 'github', headers: {} }, publicJwk);
    await expect(vault.policy.request(compareCredential, { sealed })).rejects.toMatchObject({
      code: 'vault.request_refused',
    });
  });
});
