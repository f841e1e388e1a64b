import { getSnapshot, listSnapshots, policyHeartbeat, snapshotPublished } from '@gatehouse/contracts';
import { DatabaseRelay, testDatabase, type TestDatabase } from '@gatehouse/testing';
import { Around, remoteServer } from '../../test/start-policy.js';

describe('snapshots', () => {
  let database: TestDatabase;
  let around: Around;
  const stops: Array<() => Promise<void>> = [];

  beforeEach(async () => {
    database = await testDatabase('policy');
    around = new Around();
    stops.push(await around.start(database.url));
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await database?.drop();
  });

  const part = (number: number) => around.edge.request(getSnapshot, { tenant: 'demo', part: number });

  it('of a catalogue of 2,000 servers come in parts that fit a message, the same from every replica', async () => {
    stops.push(await around.start(database.url));
    const servers = Array.from({ length: 2_000 }, (_, index) =>
      remoteServer(`server-${index}`, {
        tool_settings: [{ name: `\u{1f600}`.repeat(40), disabled: true }],
        collaborators: [{ subject: `user:person-${index}@example.com`, role_id: 'mcp-server-user' }],
      }),
    );
    for (let first = 0; first < servers.length; first += 500)
      await around.apply(servers.slice(first, first + 500));
    const { parts, version } = await part(0);
    expect(version).toBe(5);
    expect(parts).toBeGreaterThan(2);
    for (let number = 0; number < parts; number++) {
      // Replicas take turns, so two readings of a part come from two of them.
      const [one, other] = [await part(number), await part(number)];
      expect(one).toEqual(other);
      expect(one.json.length).toBeLessThanOrEqual(256 * 1024);
    }
    const snapshot = await around.snapshot();
    expect(Object.keys(snapshot.servers)).toHaveLength(2_000);
    expect(snapshot.servers['server-7']?.disabledTools).toEqual(['\u{1f600}'.repeat(40)]);
  });

  it('show by their version that a part belongs to another one', async () => {
    await around.apply([remoteServer('a')]);
    expect(await part(9)).toEqual({ version: 2, parts: 1, json: '' });
  });

  it('are in force everywhere when they are published', async () => {
    stops.push(await around.start(database.url));
    const seen: Array<Promise<[number, number[]]>> = [];
    around.edge.subscribe(snapshotPublished, ({ version }) => {
      // Replicas take turns, so two readings come from two of them.
      const readings = Promise.all([part(0), part(0)]);
      seen.push(readings.then((replies) => [version, replies.map((reply) => reply.version)]));
    });
    for (let change = 0; change < 10; change++) await around.apply([remoteServer(`s-${change}`)]);
    await around.hear(10);
    for (const [published, read] of await Promise.all(seen))
      expect(Math.min(...read)).toBeGreaterThanOrEqual(published);
  });

  it('of several replicas agree in their heartbeats', async () => {
    stops.push(await around.start(database.url));
    await around.apply([remoteServer('a')]);
    const heard: unknown[] = [];
    await new Promise<void>((resolve) => {
      around.edge.subscribe(
        policyHeartbeat,
        ({ versions }) => void (heard.push(versions) === 2 && resolve()),
      );
    });
    expect(heard).toEqual([{ demo: 2 }, { demo: 2 }]);
  });

  it('keep their versions, and edges deciding, while the database is down', async () => {
    const relay = await DatabaseRelay.to(database.url);
    for (const stop of stops.splice(0)) await stop();
    stops.push(await around.start(relay.url));
    await around.apply([remoteServer('a')]);
    expect((await around.edge.request(listSnapshots, {})).versions).toEqual({ demo: 2 });
    await relay.cut();
    expect((await around.edge.request(listSnapshots, {})).versions).toEqual({ demo: 2 });
    await expect(around.apply([remoteServer('b')])).rejects.toMatchObject({ code: 'database.unavailable' });
    await expect(part(0)).rejects.toMatchObject({ code: 'database.unavailable' });
    await relay.mend();
    await around.apply([remoteServer('b')]);
    expect((await around.snapshot()).version).toBe(3);
    for (const stop of stops.splice(0)) await stop();
    await relay.cut();
  });
});
