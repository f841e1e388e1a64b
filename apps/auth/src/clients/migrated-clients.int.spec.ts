import { openDatabase } from '@gatehouse/persistence';
import { Secret } from '@gatehouse/runtime';
import { testDatabase } from '@gatehouse/testing';
import { migrations } from '../migrations/index.js';
import { Clients } from './clients.store.js';
import { entities } from '../entities.js';

it('clients that registered before they had a table of their own are kept, with the age of their last use', async () => {
  const database = await testDatabase('auth');
  const open = (upTo: number) =>
    openDatabase({
      url: new Secret(database.url),
      schema: 'auth',
      entities,
      migrations: migrations.slice(0, upTo),
    });
  try {
    const mine = migrations.findIndex(({ name }) => name.startsWith('Clients'));
    const before = await open(mine);
    await before.acrossTenants((manager) =>
      manager.query(
        `INSERT INTO oidc_state (model, id, payload, expires_at) VALUES
         ('Client', 'recent', '{"client_id":"recent"}', now() + interval '90 days'),
         ('Client', 'old', '{"client_id":"old"}', now() + interval '1 hour'),
         ('Client', 'gone', '{"client_id":"gone"}', now() - interval '1 hour')`,
      ),
    );
    await before.close();
    const after = await open(migrations.length);
    const clients = new Clients(after, 10);
    expect(await clients.find('recent')).toMatchObject({
      source: 'registration',
      metadata: { client_id: 'recent' },
    });
    expect(await clients.find('old')).not.toBeNull();
    expect(await clients.find('gone')).toBeNull();
    await clients.removeForgotten();
    const kept = await after.acrossTenants((manager) =>
      manager.query<unknown[]>('SELECT id FROM client ORDER BY id'),
    );
    expect(kept).toEqual([{ id: 'old' }, { id: 'recent' }]);
    await after.close();
  } finally {
    await database.drop();
  }
});
