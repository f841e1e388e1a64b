import { getSnapshot, listSnapshots, snapshotPublished } from '@gatehouse/contracts';
import { testDatabase, type TestDatabase } from '@gatehouse/testing';
import { Around, remoteServer } from '../../test/start-policy.js';
import { Relay } from '../../test/relay.js';

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
    const versions = await Promise.all(
      Array.from({ length: 10 }, (_, index) => {
        const wanted = index + 2;
        return new Promise<[number, number[]]>((resolve) => {
          around.edge.subscribe(snapshotPublished, async ({ version }) => {
            if (version !== wanted) return;
            resolve([wanted, [(await part(0)).version, (await part(0)).version]]);
          });
          if (index === 9)
            void (async () => {
              for (let change = 0; change < 10; change++) await around.apply([remoteServer(`s-${change}`)]);
            })();
        });
      }),
    );
    for (const [wanted, seen] of versions) expect(Math.min(...seen)).toBeGreaterThanOrEqual(wanted);
  });

  it('of several replicas agree in their heartbeats', async () => {
    const stop = await around.start(database.url);
    stops.push(stop);
    await around.apply([remoteServer('a')]);
    const next = () =>
      new Promise<Record<string, number>>((resolve) => {
        const before = around.heartbeats.length;
        const timer = setInterval(() => {
          const latest = around.heartbeats.at(-1);
          if (around.heartbeats.length === before || !latest) return;
          clearInterval(timer);
          resolve(latest);
        }, 20);
      });
    expect(around.heartbeats).toEqual([{}, { demo: 1 }]);
    expect([await next(), await next()]).toEqual([{ demo: 2 }, { demo: 2 }]);
  });

  it('keep their versions, and edges deciding, while the database is down', async () => {
    const relay = await Relay.to(database.url);
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
