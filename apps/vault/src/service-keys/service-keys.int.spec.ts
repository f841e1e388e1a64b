import { TransportKey } from '@gatehouse/bus';
import { AuthKeys, leaseAuthKeys, leaseSessionKeys, SessionKeys } from '@gatehouse/contracts';
import { testDatabase } from '@gatehouse/testing';
import { sql } from '../../test/sql.js';
import { TestVault } from '../../test/start-vault.js';

describe('keys of other services', () => {
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

  async function sessionKeys() {
    const own = await TransportKey.create();
    const { sealed } = await vault.edge.request(leaseSessionKeys, { recipient: own.publicJwk });
    return own.open(sealed, SessionKeys);
  }

  it('are an ES256 key pair with its private half, and a 32-byte cookie secret, for auth', async () => {
    const { signing, cookies } = await vault.authKeys();
    expect(signing).toEqual([
      {
        kty: 'EC',
        crv: 'P-256',
        x: expect.any(String),
        y: expect.any(String),
        d: expect.any(String),
        kid: expect.any(String),
        use: 'sig',
        alg: 'ES256',
        activeFrom: expect.any(Number),
        keepUntil: null,
      },
    ]);
    expect(cookies.map(({ secret }) => Buffer.from(secret, 'base64url').length)).toEqual([32]);
  });

  it('are the same for all who ask, also for those who ask at once when there are none yet', async () => {
    await sql(database.url, 'DELETE FROM service_key');
    await sql(database.url, "DELETE FROM tenant_key WHERE tenant = ''");
    const [first, ...others] = await Promise.all(Array.from({ length: 8 }, sessionKeys));
    expect(first?.keys.map(({ key }) => Buffer.from(key, 'base64url').length)).toEqual([32]);
    for (const other of others) expect(other).toEqual(first);
  });

  it('are sealed to the one who asked', async () => {
    const [own, stranger] = [await TransportKey.create(), await TransportKey.create()];
    const { sealed } = await vault.auth.request(leaseAuthKeys, { recipient: own.publicJwk });
    await expect(stranger.open(sealed, AuthKeys)).rejects.toThrow();
  });

  it('are not for a service that does not work with them', async () => {
    const recipient = (await TransportKey.create()).publicJwk;
    await expect(vault.edge.request(leaseAuthKeys, { recipient })).rejects.toMatchObject({
      code: 'bus.forbidden',
    });
    await expect(vault.auth.request(leaseSessionKeys, { recipient })).rejects.toMatchObject({
      code: 'bus.forbidden',
    });
  });
});
