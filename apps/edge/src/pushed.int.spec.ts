import { hash } from 'node:crypto';
import { connectNats, TransportKey, type Bus } from '@gatehouse/bus';
import {
  getSnapshot,
  listEndedAccess,
  listSnapshots,
  policyHeartbeat,
  snapshotPublished,
} from '@gatehouse/contracts';
import { createLogger } from '@gatehouse/runtime';
import { startNats } from '@gatehouse/testing';
import { jest } from '@jest/globals';
import { Snapshots } from './snapshots.js';
import { Pushed } from './pushed.js';
import { EdgeRig, PUBLIC_URL, serverEntry, toolCall } from '../test/edge-rig.js';

const MINUTE = 61_000;

describe('what is pushed to the edge', () => {
  let rig: EdgeRig;
  beforeEach(async () => {
    rig = await EdgeRig.start();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await rig.stop();
  });
  /** The clock of everything that reads Date.now(), from here on. */
  const later = (milliseconds: number) => {
    const at = Date.now() + milliseconds;
    jest.spyOn(Date, 'now').mockImplementation(() => at);
  };
  const heartbeat = async (versions: Record<string, number> = { demo: rig.snapshot.version }) => {
    rig.on('policy').publish(policyHeartbeat, { versions });
    await rig.eventsDelivered();
  };
  const isReady = async () => (await fetch(`${rig.origin}/readyz`)).status;

  it('holds for 60 s without a word from the policy service, and then no longer', async () => {
    const token = await rig.token();
    const elsewhere = {
      path: '/new/mcp/tools/server',
      token: await rig.token({ tenant: 'new', aud: `${PUBLIC_URL}/new/mcp/tools/server` }),
    };
    later(59_000);
    expect((await rig.post(toolCall(), { token })).status).toBe(200);
    later(2_000);
    const answer = await rig.post(toolCall(), { token });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
    expect((await rig.post(toolCall(), elsewhere)).status).toBe(503); // it may exist by now
    expect(await isReady()).toBe(503);
    await heartbeat();
    expect((await rig.post(toolCall(), { token })).status).toBe(200);
    expect(await isReady()).toBe(200);
  });

  it('is not believed for longer when a newer policy is known of and cannot be had', async () => {
    const token = await rig.token();
    rig.snapshotText = '{"tenant":"demo","version":2,"servers":"none"}';
    await heartbeat({ demo: 2 });
    expect((await rig.post(toolCall(), { token })).status).toBe(200);
    later(MINUTE);
    await heartbeat({ demo: 2 });
    expect((await rig.post(toolCall(), { token })).status).toBe(503);
    rig.snapshotText = null;
    rig.snapshot.version = 2;
    await heartbeat({ demo: 2 });
    await rig.eventsDelivered();
    expect((await rig.post(toolCall(), { token })).status).toBe(200);
  });

  it('is taken with a lower version too, after the policy service’s database was restored', async () => {
    rig.snapshot.version = 40;
    await rig.publish();
    rig.snapshot.version = 3;
    rig.snapshot.servers['tools'] = { ...serverEntry('tools', rig.upstream.url), grants: {} };
    await heartbeat({ demo: 3 });
    await rig.eventsDelivered();
    expect(await (await rig.post(toolCall())).json()).toMatchObject({ error: { code: -31403 } });
  });

  it('ends with the tenant', async () => {
    expect((await rig.post(toolCall())).status).toBe(200);
    await heartbeat({});
    expect((await rig.post(toolCall())).status).toBe(404);
  });

  it('settles on the newest of many policies that come at once, asking a few times only', async () => {
    let asked = 0;
    const bus = {
      request: async (contract: unknown) => {
        asked += contract === getSnapshot ? 1 : 0;
        await new Promise(setImmediate);
        return { version: rig.snapshot.version, parts: 1, json: JSON.stringify(rig.snapshot) };
      },
      subscribe: (contract: unknown, listener: (payload: never) => void) => {
        if (contract === snapshotPublished) hear = listener as typeof hear;
      },
    } as unknown as Bus;
    let hear: (payload: { tenant: string; version: number }) => void = () => undefined;
    const snapshots = new Snapshots(bus, createLogger('edge', 'silent'));
    snapshots.listen();
    for (let version = 2; version <= 50; version++)
      hear({ tenant: 'demo', version: (rig.snapshot.version = version) });
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(asked).toBeLessThan(5);
  });

  it('keeps a verdict on a token for 60 s, and then asks again', async () => {
    const token = 'gatehouse_pat_known';
    const known = hash('sha256', token, 'base64url');
    rig.opaque.set(known, { subject: 'ada', tenant: 'demo' });
    rig.snapshot.servers['tools'] = {
      ...serverEntry('tools', rig.upstream.url),
      grants: { 'team:everyone': { rule: 'all', tools: '*' } },
    };
    await rig.publish();
    expect((await rig.post(toolCall(), { token })).status).toBe(200);
    rig.opaque.delete(known);
    expect((await rig.post(toolCall(), { token })).status).toBe(200);
    later(MINUTE);
    await heartbeat();
    expect((await rig.post(toolCall(), { token })).status).toBe(401);
  });

  it('refuses a token of access that ended before this edge was started', async () => {
    const started = await EdgeRig.start({
      ended: [{ tenant: 'demo', kind: 'subject', id: 'person-1', before: 4e9 }],
    });
    expect((await started.post(toolCall())).status).toBe(401);
    expect((await started.post(toolCall(), { token: await started.token({ sub: 'person-2' }) })).status).toBe(
      200,
    );
    await started.stop();
  });
});

describe('an edge whose broker went away and came back', () => {
  it('asks for the policy again until it is answered', async () => {
    const rig = await EdgeRig.start();
    let server = await startNats();
    const open = (service: 'edge' | 'auth' | 'policy') => connectNats({ url: server.url, service });
    const [edge, policy, auth] = await Promise.all([open('edge'), open('policy'), open('auth')]);
    policy.handle(listSnapshots, () => ({ versions: {} }));
    auth.handle(listEndedAccess, () => ({ items: [] }));
    await Promise.all([policy.flush(), auth.flush()]);
    const pushed = new Pushed(edge, {
      log: createLogger('edge', 'silent'),
      issuer: PUBLIC_URL,
      key: await TransportKey.create(),
    });
    await pushed.catchUp();
    await policy.drain();
    const again = new Promise<void>((resolve) => edge.onReconnect(resolve));
    const { port } = server;
    await server.kill();
    server = await startNats({ port });
    await again; // policy is not there yet: the first question gets no answer
    const late = await open('policy');
    await new Promise<void>((resolve) => {
      late.handle(listSnapshots, () => {
        resolve();
        return { versions: {} };
      });
    });
    await Promise.all([edge.drain(), auth.drain(), late.drain()]);
    await server.stop();
    await rig.stop();
  });
});
