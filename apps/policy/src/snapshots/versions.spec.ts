import { Failure } from '@gatehouse/contracts';
import type { Database } from '@gatehouse/persistence';
import { Versions } from './versions.js';

const MINUTE = 60_000;

describe('the versions in force', () => {
  let now = 0;
  let read: () => Promise<unknown>;
  const database = { acrossTenants: () => read() } as unknown as Database;
  const down = () => Promise.reject(new Failure('database.unavailable'));

  it('are what was read last for 15 minutes without the database, and unknown after that', async () => {
    const versions = new Versions(database, () => now);
    read = down;
    await expect(versions.inForce()).rejects.toMatchObject({ code: 'database.unavailable' });
    read = () => Promise.resolve({ demo: 4 });
    expect(await versions.inForce()).toEqual({ demo: 4 });
    read = down;
    now = 15 * MINUTE;
    expect(await versions.inForce()).toEqual({ demo: 4 });
    expect(versions.databaseReachable).toBe(false);
    now += 1;
    await expect(versions.inForce()).rejects.toMatchObject({ code: 'database.unavailable' });
  });

  it('are not papered over where the fault is ours', async () => {
    const versions = new Versions(database, () => now);
    read = () => Promise.resolve({ demo: 4 });
    await versions.inForce();
    read = () => Promise.reject(new TypeError('a bug'));
    await expect(versions.inForce()).rejects.toThrow('a bug');
  });
});
