import { rotateAuthKeys, vaultAuthKeysChanged } from '@gatehouse/contracts';
import { testDatabase } from '@gatehouse/testing';
import { pino } from 'pino';
import { Secret } from '@gatehouse/runtime';
import { z } from 'zod';
import { MASTER_KEY, TestVault } from '../../test/start-vault.js';
import { openBarrier } from '../barrier/open-barrier.js';
import { readMasterKey } from '../master-key.js';
import { openVaultDatabase } from '../vault-database.js';
import { ServiceKeys } from './service-keys.js';

const LEAD_MS = 300_000;
const KEEP_MS = 3_700_000;

describe('the keys with which auth signs', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  const vaults: TestVault[] = [];

  beforeEach(async () => {
    database = await testDatabase('vault');
  });
  afterEach(async () => {
    await Promise.all(vaults.splice(0).map((vault) => vault.close()));
    await database.drop();
  });

  async function start(environment: Record<string, string> = {}): Promise<TestVault> {
    const vault = await TestVault.start({ url: database.url, environment });
    vaults.push(vault);
    return vault;
  }

  it('serve at once where they are the first', async () => {
    const { signing, cookies } = await (await start()).authKeys();
    for (const key of [signing[0], cookies[0]])
      expect([(key?.activeFrom ?? Infinity) <= Date.now(), key?.keepUntil]).toEqual([true, null]);
  });

  it('get successors when somebody asks, which serve later; those before verify for longer than a token lives', async () => {
    const vault = await start();
    const [before] = (await vault.authKeys()).signing;
    const told = new Promise((resolve) => vault.auth.subscribe(vaultAuthKeysChanged, resolve));
    const { kid, activeFrom } = await vault.console.request(rotateAuthKeys, {});
    await told;
    const { signing, cookies } = await vault.authKeys();
    expect(signing.map((key) => key.kid)).toEqual([kid, before?.kid]);
    const begins = Date.parse(activeFrom);
    expect(Math.abs(begins - Date.now() - LEAD_MS)).toBeLessThan(10_000);
    expect(signing[1]).toEqual({ ...before, keepUntil: begins + KEEP_MS });
    expect(cookies.map((key) => key.activeFrom === begins)).toEqual([true, false]);
    expect(cookies[1]?.keepUntil).toBeGreaterThan(begins + 12 * 3_600_000);
  });

  it('get no second successor while the first does not serve yet, whoever asks', async () => {
    const [one, other] = [await start(), await start()];
    const asked = [one, one, other, other].map((vault) => vault.console.request(rotateAuthKeys, {}));
    const kids = new Set((await Promise.all(asked)).map(({ kid }) => kid));
    expect(kids.size).toBe(1);
    expect((await one.authKeys()).signing).toHaveLength(2);
  });

  it('get successors by themselves when they are old enough', async () => {
    const [before] = (await (await start()).authKeys()).signing;
    const later = await start({ VAULT_AUTH_KEY_DAYS: '0.00000001' });
    const { signing } = await later.authKeys();
    expect(signing).toHaveLength(2);
    expect(signing[1]?.kid).toBe(before?.kid);
  });

  it('are removed when their time is over', async () => {
    const environment = { VAULT_AUTH_KEY_LEAD_SECONDS: '0', VAULT_AUTH_KEY_KEEP_SECONDS: '0' };
    const vault = await start(environment);
    const { kid } = await vault.console.request(rotateAuthKeys, {});
    expect((await vault.authKeys()).signing.map((key) => key.kid)).toEqual([kid]);
  });

  it('of a vault from before there were terms are read, serve, and get successors', async () => {
    await start();
    const log = pino({ level: 'silent' });
    const own = await openVaultDatabase(new Secret(database.url), log);
    const barrier = await openBarrier(
      own,
      readMasterKey({ GATEHOUSE_MASTER_KEY: new Secret(MASTER_KEY) }, log),
    );
    const old = { signing: [{ kty: 'EC', kid: 'old' }], cookies: ['old secret'] };
    const kind = { kind: 'auth-keys', schema: z.unknown(), make: async () => old };
    await new ServiceKeys(own, barrier).replace(kind, async () => old);
    await own.close();
    const { signing, cookies } = await (await start()).authKeys();
    expect(signing[1]).toMatchObject({ kid: 'old', activeFrom: 0 });
    expect(cookies[1]).toMatchObject({ secret: 'old secret', activeFrom: 0 });
  });
});
