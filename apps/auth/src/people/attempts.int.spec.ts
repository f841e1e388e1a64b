import { openDatabase, type Database } from '@gatehouse/persistence';
import { Secret } from '@gatehouse/runtime';
import { testDatabase } from '@gatehouse/testing';
import { migrations } from '../migrations/index.js';
import { Attempts } from './attempts.js';

const ADDRESS = '203.0.113.7';

let testing: Awaited<ReturnType<typeof testDatabase>>;
let database: Database;
beforeAll(async () => {
  testing = await testDatabase('auth');
  database = await openDatabase({ url: new Secret(testing.url), schema: 'auth', entities: [], migrations });
});
afterAll(async () => {
  await database?.close();
  await testing?.drop();
});
beforeEach(() => sql('DELETE FROM attempt'));

const sql = (query: string) => database.acrossTenants((manager) => manager.query<unknown[]>(query));

function attempts(limits: { perEmail?: number; perAddress?: number } = {}): Attempts {
  return new Attempts(database, { perEmail: 3, perAddress: 5, ...limits });
}

describe('sign-in attempts', () => {
  it('must wait after too many failures for one e-mail, however it is spelt', async () => {
    const tries = attempts();
    for (const email of ['a@example.com', 'A@Example.com', ' a@example.com ']) {
      expect(await tries.signIn(ADDRESS, email)).toBe(0);
    }
    expect(await tries.signIn(ADDRESS, 'a@example.com')).toBeGreaterThan(0);
    expect(await tries.signIn(ADDRESS, 'b@example.com')).toBe(0);
    expect(await tries.signIn('198.51.100.9', 'a@example.com')).toBe(0);
  });

  it('must wait after too many failures from one address', async () => {
    const tries = attempts();
    for (let i = 0; i < 5; i += 1) expect(await tries.signIn(ADDRESS, `${i}@example.com`)).toBe(0);
    expect(await tries.signIn(ADDRESS, 'new@example.com')).toBeGreaterThan(0);
  });

  it('are counted by all replicas together, also at the same time', async () => {
    const replicas = [attempts(), attempts(), attempts()];
    const tries = Array.from({ length: 10 }, () =>
      replicas.map((one) => one.signIn(ADDRESS, 'a@example.com')),
    );
    const waits = await Promise.all(tries.flat());
    expect(waits.filter((wait) => wait === 0)).toHaveLength(3);
  });

  it('are limited, and let nobody wait for good, while they cannot be counted together', async () => {
    const tries = attempts();
    await sql('ALTER TABLE attempt RENAME TO lost');
    const waits = [];
    for (let i = 0; i < 4; i += 1) waits.push(await tries.signIn(ADDRESS, 'a@example.com'));
    expect(waits.slice(0, 3)).toEqual([0, 0, 0]);
    expect(waits[3]).toBeGreaterThan(0);
    await sql('ALTER TABLE lost RENAME TO attempt');
    expect(await tries.signIn(ADDRESS, 'a@example.com')).toBe(0);
  });

  it('never wait if they succeed', async () => {
    const tries = attempts();
    for (let i = 0; i < 20; i += 1) {
      expect(await tries.signIn(ADDRESS, 'a@example.com')).toBe(0);
      await tries.signedIn(ADDRESS, 'a@example.com');
    }
  });

  it('count a whole IPv6 network as one address', async () => {
    const tries = attempts({ perAddress: 2 });
    await tries.signIn('2001:db8:1:2::1', '1@example.com');
    await tries.signIn('2001:db8:1:2:3:4:5:6', '2@example.com');
    expect(await tries.signIn('2001:db8:1:2::9', '3@example.com')).toBeGreaterThan(0);
    expect(await tries.signIn('2001:db8:1:3::9', '3@example.com')).toBe(0);
    expect(await tries.signIn('2001:db8::1', '4@example.com')).toBe(0);
  });

  it('leave no e-mail address in the database', async () => {
    await attempts().signIn(ADDRESS, 'somebody@example.com');
    expect(JSON.stringify(await sql('SELECT * FROM attempt'))).not.toContain('somebody');
  });
});
