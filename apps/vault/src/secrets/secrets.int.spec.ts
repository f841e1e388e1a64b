import { seal, TransportKey } from '@gatehouse/bus';
import { deleteSecret, getVaultKey, leaseSecret, putSecret, SecretLease } from '@gatehouse/contracts';
import { testDatabase } from '@gatehouse/testing';
import { dump, sql } from '../../test/sql.js';
import { TestVault } from '../../test/start-vault.js';

const OKTA = { tenant: 'demo', kind: 'identity-provider', name: 'okta' } as const;

describe('a secret that another service works with', () => {
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
  beforeEach(() => sql(database.url, 'DELETE FROM secret'));

  async function put(value: string, changes: Partial<typeof OKTA> | { tenant: string } = {}): Promise<void> {
    const { key } = await vault.auth.request(getVaultKey, {});
    await vault.auth.request(putSecret, { sealed: await seal({ ...OKTA, ...changes, value }, key) });
  }

  async function lease(changes: { tenant?: string; name?: string } = {}): Promise<string> {
    const own = await TransportKey.create();
    const request = { ...OKTA, ...changes, recipient: own.publicJwk };
    const { sealed } = await vault.auth.request(leaseSecret, request);
    return (await own.open(sealed, SecretLease)).value;
  }

  it('is replaced, handed out and forgotten', async () => {
    await put('first');
    await put('second');
    expect(await lease()).toBe('second');
    await vault.auth.request(deleteSecret, OKTA);
    await expect(lease()).rejects.toMatchObject({ code: 'vault.secret_missing' });
  });

  it('is another in each tenant, and nothing under another name', async () => {
    await put('of demo');
    await put('of acme', { tenant: 'acme' });
    expect([await lease(), await lease({ tenant: 'acme' })]).toEqual(['of demo', 'of acme']);
    await expect(lease({ name: 'entra' })).rejects.toMatchObject({ code: 'vault.secret_missing' });
  });

  it('is in no table in clear', async () => {
    await put('a client secret');
    const tables = await dump(database.url);
    expect(tables).toContain('okta');
    expect(tables).not.toContain('a client secret');
    expect(tables).not.toContain(Buffer.from('a client secret').toString('hex'));
  });

  it('does not open in another place', async () => {
    await put('of demo');
    await put('of acme', { tenant: 'acme' });
    await sql(database.url, 'UPDATE secret a SET record = b.record FROM secret b WHERE a.tenant <> b.tenant');
    for (const tenant of ['demo', 'acme'])
      await expect(lease({ tenant })).rejects.toMatchObject({ code: 'internal' });
    await put('again');
    await sql(database.url, "UPDATE secret SET name = 'entra' WHERE tenant = 'demo'");
    await expect(lease({ name: 'entra' })).rejects.toMatchObject({ code: 'internal' });
  });

  it('is nobody’s but the authorization server’s', async () => {
    await put('of demo');
    const { publicJwk } = await TransportKey.create();
    for (const bus of [vault.edge, vault.policy])
      await expect(bus.request(leaseSecret, { ...OKTA, recipient: publicJwk })).rejects.toMatchObject({
        code: 'bus.forbidden',
      });
  });
});
