import { event, request, type ServiceName } from '@gatehouse/contracts';
import { startNats, type NatsServer } from '@gatehouse/testing';
import { connect, type NatsConnection } from 'nats';
import { z } from 'zod';
import type { Bus } from './bus.js';
import { connectNats } from './nats-bus.js';

const say = request({
  subject: 'vault.echo.say',
  request: z.object({ text: z.string() }),
  reply: z.object({ text: z.string() }),
  callers: ['edge'],
  deadlineMs: 2_000,
});
const changed = event({ subject: 'evt.vault.echo.changed', payload: z.object({}), subscribers: ['edge'] });
const unavailable = { code: 'bus.unavailable' };

describe('the bus over NATS', () => {
  let server: NatsServer;
  let buses: Bus[] = [];
  let raw: NatsConnection;
  let bugs: unknown[];

  const open = async (service: ServiceName) => {
    const bus = await connectNats({ url: server.url, service, onBug: (error) => bugs.push(error) });
    buses.push(bus);
    return bus;
  };
  const reconnected = (bus: Bus) => new Promise<void>((resolve) => bus.onReconnect(resolve));

  beforeEach(async () => {
    bugs = [];
    server = await startNats();
    raw = await connect({ servers: server.url, reconnect: false });
  });
  afterEach(async () => {
    server.resume();
    await Promise.all(buses.map((bus) => bus.drain()));
    buses = [];
    await raw.close();
    await server.stop();
  });

  const malformed = [
    '',
    'not json',
    '{"text":',
    'null',
    '[]',
    '{"text":1}',
    '"text"',
    '\u0000',
    '['.repeat(100_000),
  ];

  it('answers malformed requests as such, and lives', async () => {
    const [edge, vault] = [await open('edge'), await open('vault')];
    vault.handle(say, ({ text }) => ({ text }));
    await vault.flush();
    const inbox = { timeout: 2_000, noMux: true, reply: '_INBOX_edge.raw' };
    for (const message of malformed) {
      const reply = await raw.request(say.subject, message, inbox);
      expect(reply.json()).toEqual({ failure: { code: 'bus.bad_message' } });
    }
    await raw.request(say.subject, Buffer.from([0xff, 0xfe]), inbox);
    expect(bugs).toHaveLength(malformed.length + 1);
    expect(await edge.request(say, { text: 'well' })).toEqual({ text: 'well' });
  });

  it.each([
    ...malformed,
    '{}',
    '{"ok":{}}',
    '{"failure":1}',
    '{"failure":{"code":"constructor","detail":{}}}',
  ])('turns a malformed reply into a failure: %.40j', async (message) => {
    const edge = await open('edge');
    raw.subscribe(say.subject, { callback: (_error, request) => void request.respond(Buffer.from(message)) });
    await raw.flush();
    const code = expect.stringMatching(/^(bus\.bad_message|internal)$/);
    await expect(edge.request(say, { text: '' })).rejects.toMatchObject({ code, detail: undefined });
  });

  it('logs malformed events and hears the next one', async () => {
    const edge = await open('edge');
    const heard = new Promise<void>((resolve) => edge.subscribe(changed, () => resolve()));
    await edge.flush();
    raw.publish(changed.subject, 'not json');
    raw.publish(changed.subject, '{}');
    await heard;
    expect(bugs).toEqual([expect.objectContaining({ code: 'bus.bad_message' })]);
  });

  it('puts on the wire only what the contract names', async () => {
    const [edge, vault] = [await open('edge'), await open('vault')];
    vault.handle(say, ({ text }) => ({ text, passwordHash: 'x' }));
    await vault.flush();
    const wire: string[] = [];
    raw.subscribe('>', { callback: (_error, message) => void wire.push(message.string()) });
    await raw.flush();
    const request = { text: 'a', token: 'x' };
    await edge.request(say, request);
    await raw.flush();
    expect(wire).toEqual(['{"text":"a"}', '{"ok":{"text":"a"}}']);
  });

  it('replies to reply addresses only, so that nobody can have a service publish for it elsewhere', async () => {
    const vault = await open('vault');
    vault.handle(say, ({ text }) => ({ text }));
    await vault.flush();
    const heard: string[] = [];
    raw.subscribe('>', { callback: (_error, message) => void heard.push(message.subject) });
    raw.publish(say.subject, '{"text":""}', { reply: 'evt.vault.echo.changed' });
    const reply = await raw.request(say.subject, '{"text":""}', {
      timeout: 2_000,
      noMux: true,
      reply: '_INBOX_edge.x',
    });
    expect(reply.json()).toEqual({ ok: { text: '' } });
    expect(heard).toEqual([say.subject, say.subject, '_INBOX_edge.x']);
  });

  it('fails requests in flight and new ones at once when the broker is lost, and goes on when it is back', async () => {
    const [edge, vault] = [await open('edge'), await open('vault')];
    let called = () => {};
    const arrived = new Promise<void>((resolve) => (called = resolve));
    let release = (_reply: { text: string }) => {};
    const held = new Promise<{ text: string }>((resolve) => (release = resolve));
    vault.handle(say, async ({ text }) => {
      called();
      return text === 'hang' ? held : { text };
    });
    await vault.flush();
    const inFlight = edge.request(say, { text: 'hang' }, { deadlineMs: 60_000 });
    const failed = expect(inFlight).rejects.toMatchObject(unavailable);
    await arrived;
    const back = Promise.all([reconnected(edge), reconnected(vault)]);
    await server.kill();
    await failed;
    expect(edge.connected).toBe(false);
    await expect(edge.request(say, { text: '' })).rejects.toMatchObject(unavailable);
    server = await startNats({ port: server.port });
    await back;
    await vault.flush();
    expect(edge.connected).toBe(true);
    expect(await edge.request(say, { text: 'again' })).toEqual({ text: 'again' });
    release({ text: '' });
  });

  it('keeps deadlines while the broker hangs, and ends in spite of it', async () => {
    const edge = await open('edge');
    await server.pause();
    const asked = edge.request(say, { text: '' }, { deadlineMs: 100 });
    await expect(asked).rejects.toMatchObject({ code: 'bus.deadline_exceeded' });
    await edge.drain();
    expect(edge.connected).toBe(false);
  });
});

describe('connecting to NATS', () => {
  it('waits for a server that is not there yet, and says so without the password', async () => {
    const first = await startNats();
    await first.stop();
    const lines: string[] = [];
    const url = `nats://vault:hunter2@127.0.0.1:${first.port}`;
    let waiting = () => {};
    const waited = new Promise<void>((resolve) => (waiting = resolve));
    const connected = connectNats({
      url,
      service: 'vault',
      onStatus: (line) => {
        lines.push(line);
        waiting();
      },
    });
    await waited;
    const server = await startNats({ port: first.port });
    const bus = await connected;
    expect(bus.connected).toBe(true);
    expect(lines).toEqual([
      expect.stringContaining(`waiting for NATS at nats://127.0.0.1:${first.port} ...`),
    ]);
    expect(lines.join()).not.toContain('hunter2');
    await bus.drain();
    await server.stop();
  });

  it('gives up with one clear line', async () => {
    const server = await startNats();
    await server.stop();
    const url = `nats://vault:hunter2@127.0.0.1:${server.port}`;
    const connected = connectNats({ url, service: 'vault', giveUpAfterMs: 700 });
    await expect(connected).rejects.toThrow(
      `cannot reach NATS at nats://127.0.0.1:${server.port} in 0.7 s (CONNECTION_REFUSED): start it, or correct NATS_URL`,
    );
  });

  it('does not wait when the broker refuses the password', async () => {
    const config = 'authorization { users = [{ user: vault, password: right }] }';
    const server = await startNats({ config });
    const url = server.url.replace('//', '//vault:hunter2@');
    const connected = connectNats({ url, service: 'vault' });
    await expect(connected).rejects.toThrow(/refuses the user and password of vault: check NATS_URL$/);
    await expect(connected).rejects.not.toThrow('hunter2');
    const bus = await connectNats({ url: server.url.replace('//', '//vault:right@'), service: 'vault' });
    await bus.drain();
    await server.stop();
  });

  it('does not go on without TLS where TLS was asked for', async () => {
    const server = await startNats();
    const url = server.url.replace('nats:', 'tls:');
    await expect(connectNats({ url, service: 'vault', giveUpAfterMs: 0 })).rejects.toThrow(
      'cannot reach NATS at tls:',
    );
    await server.stop();
  });
});
