import { Database, openDatabase } from '@gatehouse/persistence';
import { createLogger, Secret } from '@gatehouse/runtime';
import { MemoryBroker } from '@gatehouse/bus';
import { accessEnded, type AccessEnded } from '@gatehouse/contracts';
import { testDatabase } from '@gatehouse/testing';
import { entities } from '../entities.js';
import { migrations } from '../migrations/index.js';
import { SecurityEventRow } from '../security-events/security-event.entity.js';
import { SecurityEvents } from '../security-events/security-events.store.js';
import { EndedAccess } from '../tokens/ended-access.store.js';
import { TenantRow } from './people.entity.js';
import { People } from './people.store.js';
import { Roster } from './roster.store.js';

let testing: Awaited<ReturnType<typeof testDatabase>>;
let database: Database;
let roster: Roster;
let people: People;
let ended: EndedAccess;
const told: AccessEnded[] = [];
const tenant = 'demo';

beforeAll(async () => {
  testing = await testDatabase('auth');
  database = await openDatabase({ url: new Secret(testing.url), schema: 'auth', entities, migrations });
  await database.acrossTenants((manager) => manager.insert(TenantRow, { name: tenant }));
  const broker = new MemoryBroker();
  broker.connect('edge').subscribe(accessEnded, (item) => void told.push(item));
  ended = new EndedAccess(database, broker.connect('auth'));
  roster = new Roster(database, ended, new SecurityEvents(createLogger('auth', 'silent')));
  people = new People(database);
});
afterAll(async () => {
  await database?.close();
  await testing?.drop();
});
beforeEach(() => void told.splice(0));

async function heard(events: number): Promise<AccessEnded[]> {
  while (told.length < events) await new Promise(setImmediate);
  return told;
}

let count = 0;
async function somebody(): Promise<string> {
  count += 1;
  return roster.add({ tenant, email: `Person-${count}@Example.com`, name: 'A person' });
}
const eventsOf = (subject: string) =>
  database.withTenant(tenant, async (manager) =>
    (await manager.find(SecurityEventRow, { where: { subject }, order: { time: 'ASC', id: 'ASC' } })).map(
      ({ kind }) => kind,
    ),
  );

describe('the roster', () => {
  it('knows a person by one e-mail address, however it is written', async () => {
    const id = await somebody();
    expect(await people.find(id)).toMatchObject({
      email: `person-${count}@example.com`,
      generation: 0,
      teams: [],
    });
    const again = { tenant, email: ` PERSON-${count}@example.com`, name: 'Twice' };
    await expect(roster.add(again)).rejects.toMatchObject({ code: 'auth.person_exists' });
  });

  it('ends what a suspended person holds, and lets nobody find them until they are restored', async () => {
    const id = await somebody();
    await roster.suspend({ tenant, id });
    expect(await people.find(id)).toBeNull();
    expect(await heard(1)).toMatchObject([{ tenant, kind: 'subject', id, generation: 1 }]);
    expect(await ended.list()).toContainEqual(told[0]);
    await roster.restore({ tenant, id });
    expect(await people.find(id)).toMatchObject({ generation: 1 });
    expect(await eventsOf(id)).toEqual(['person.added', 'person.suspended', 'person.restored']);
  });

  it('keeps memberships by source, and ends access only when a team is lost altogether', async () => {
    const id = await somebody();
    await roster.setTeams({ tenant, id }, 'local', ['dev', 'ops']);
    await roster.setTeams({ tenant, id }, 'idp:okta', ['dev', 'dev']);
    expect((await people.find(id))?.teams).toEqual(['dev', 'ops']);
    await roster.setTeams({ tenant, id }, 'local', ['ops']);
    expect(await people.find(id)).toMatchObject({ teams: ['dev', 'ops'], generation: 0 });
    await roster.setTeams({ tenant, id }, 'idp:okta', []);
    expect(await people.find(id)).toMatchObject({ teams: ['ops'], generation: 1 });
    expect(await heard(1)).toMatchObject([{ kind: 'subject', id, generation: 1 }]);
  });

  it('raises the generation once for each of two changes at once', async () => {
    const id = await somebody();
    await roster.setTeams({ tenant, id }, 'local', ['dev']);
    await Promise.all([roster.suspend({ tenant, id }), roster.setTeams({ tenant, id }, 'local', [])]);
    expect((await heard(2)).map(({ generation }) => generation).sort()).toEqual([1, 2]);
  });

  it('knows nobody of another tenant', async () => {
    const id = await somebody();
    for (const who of [
      { tenant: 'other', id },
      { tenant, id: 'nonsense' },
    ])
      await expect(roster.suspend(who)).rejects.toMatchObject({ code: 'auth.unknown_person' });
    expect(await people.find(id)).not.toBeNull();
  });
});
