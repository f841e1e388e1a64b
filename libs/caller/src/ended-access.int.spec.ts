import { connectNats, MemoryBroker, type Bus } from '@gatehouse/bus';
import { accessEnded } from '@gatehouse/contracts';
import { startNats } from '@gatehouse/testing';
import { jest } from '@jest/globals';
import { FakeAuth, ISSUER, RESOURCE } from '../test/fake-auth.js';
import { Callers } from './callers.js';
import { EndedAccess } from './ended-access.js';

const use = { resource: RESOURCE, tenant: 'demo' };
const refused = { code: 'caller.unauthenticated' };
const now = () => Math.floor(Date.now() / 1_000);

describe('a verifier whose broker went away and came back', () => {
  it('asks for what ended meanwhile until auth answers; and a minute later knows nobody without', async () => {
    let server = await startNats();
    const open = (service: 'edge' | 'auth') => connectNats({ url: server.url, service });
    const [edge, first] = await Promise.all([open('edge'), open('auth')]);
    const auth = await FakeAuth.on(first);
    await first.flush();
    const callers = new Callers(edge, ISSUER);
    const [token, other] = [await auth.token(), await auth.token({ jti: 'jti-2', gid: 'g2' })];
    await callers.identify(token, use);
    await first.drain();
    const again = new Promise<void>((resolve) => edge.onReconnect(resolve));
    const { port } = server;
    await server.kill();
    server = await startNats({ port });
    await again;
    expect(await callers.identify(other, use)).toMatchObject({ tokenId: 'jti-2' });
    const at = Date.now() + 61_000;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => at);
    await expect(callers.identify(token, use)).rejects.toMatchObject({ code: 'bus.no_responder' });
    clock.mockRestore();
    const late: Bus = await open('auth');
    const caughtUp = new Promise<void>((resolve) => callers.onCaughtUp(resolve));
    auth.ended.push({ tenant: 'demo', kind: 'token', id: 'jti-1', before: now() + 60 });
    auth.answerOn(late);
    await caughtUp;
    await expect(callers.identify(token, use)).rejects.toMatchObject(refused);
    await Promise.all([edge.drain(), late.drain()]);
    await server.stop();
  });
});

describe('ended access', () => {
  it('forgets what ended when no token can be that old any more', async () => {
    const broker = new MemoryBroker();
    const [ended, auth] = [new EndedAccess(broker.connect('edge')), broker.connect('auth')];
    for (let count = 0; count < 11_000; count++)
      auth.publish(accessEnded, {
        tenant: 'demo',
        kind: 'token',
        id: `old-${count}`,
        before: now() - 10_000,
      });
    auth.publish(accessEnded, { tenant: 'demo', kind: 'token', id: 'new', before: now() });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(ended['ended'].size).toBeLessThanOrEqual(10_001);
    expect(ended['ended'].has('demo token new')).toBe(true);
  });
});
