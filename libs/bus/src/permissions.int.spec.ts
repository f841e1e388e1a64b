import { allContracts, event, request, SERVICE_NAMES, type ServiceName } from '@gatehouse/contracts';
import { startNats, type NatsServer } from '@gatehouse/testing';
import { connect, type NatsConnection } from 'nats';
import { z } from 'zod';
import type { Bus } from './bus.js';
import { connectNats } from './nats-bus.js';
import { inboxOf, natsConfig, passwordVariable, permissionsOf } from './permissions.js';

const passwords = Object.fromEntries(SERVICE_NAMES.map((name) => [passwordVariable(name), `p-of-${name}`]));

describe('the broker with the generated configuration', () => {
  let server: NatsServer;
  const opened: NatsConnection[] = [];

  beforeAll(async () => void (server = await startNats({ config: natsConfig(), env: passwords })));
  afterAll(async () => {
    await Promise.all(opened.map((connection) => connection.close()));
    await server.stop();
  });

  const urlOf = (service: ServiceName) => server.url.replace('//', `//${service}:p-of-${service}@`);

  /** A connection that obeys no contract: what somebody has who broke into the service. */
  async function rawAs(service: ServiceName): Promise<NatsConnection> {
    const connection = await connect({ servers: server.url, user: service, pass: `p-of-${service}` });
    opened.push(connection);
    return connection;
  }

  /** Whether the broker lets a connection do something: its refusal comes before the answer to the ping. */
  async function refuses(connection: NatsConnection, act: 'publish' | 'subscribe', subject: string) {
    const statuses = connection.status();
    let refused = false;
    void (async () => {
      for await (const status of statuses) refused ||= status.permissionContext?.subject === subject;
    })();
    if (act === 'publish') connection.publish(subject, '{}');
    else connection.subscribe(subject, { callback: () => {} });
    await connection.flush();
    await connection.flush();
    return refused;
  }

  it('lets nobody in without a password, or with that of another', async () => {
    await expect(connect({ servers: server.url })).rejects.toMatchObject({ code: 'AUTHORIZATION_VIOLATION' });
    const wrong = connect({ servers: server.url, user: 'vault', pass: 'p-of-edge' });
    await expect(wrong).rejects.toMatchObject({ code: 'AUTHORIZATION_VIOLATION' });
  });

  it.each<[ServiceName, 'publish' | 'subscribe', string]>([
    ['edge', 'subscribe', 'vault.>'],
    ['edge', 'subscribe', 'vault.credential.lease'],
    ['edge', 'subscribe', '>'],
    ['edge', 'subscribe', `${inboxOf('console')}.>`],
    ['edge', 'subscribe', '$SYS.>'],
    ['edge', 'publish', 'vault.credential.put'],
    ['edge', 'publish', 'policy.manifest.apply'],
    ['edge', 'publish', 'evt.auth.access.ended'],
    ['edge', 'publish', 'evt.policy.heartbeat.sent'],
    ['edge', 'publish', `${inboxOf('console')}.reply`],
    ['console', 'publish', 'vault.credential.lease'],
    ['console', 'publish', 'audit.record.append'],
    ['audit', 'publish', 'vault.credential.lease'],
    ['audit', 'publish', 'evt.auth.access.ended'],
    ['vault', 'publish', `${inboxOf('edge')}.unasked`],
    ['auth', 'subscribe', 'vault.auth-keys.lease'],
  ])('refuses %s to %s %s', async (service, act, subject) => {
    expect(await refuses(await rawAs(service), act, subject)).toBe(true);
  });

  it.each(SERVICE_NAMES)('lets %s do all that its contracts say', async (service) => {
    const connection = await rawAs(service);
    const { publish, subscribe } = permissionsOf(service, allContracts);
    for (const subject of subscribe) expect(await refuses(connection, 'subscribe', subject)).toBe(false);
    for (const subject of publish) expect(await refuses(connection, 'publish', subject)).toBe(false);
  });

  it('lets a service without a contract publish nothing, where an empty list would mean everything', async () => {
    const idle = await startNats({ config: natsConfig([]), env: passwords });
    const audit = await connect({ servers: idle.url, user: 'audit', pass: 'p-of-audit' });
    expect(await refuses(audit, 'publish', 'vault.credential.lease')).toBe(true);
    await audit.close();
    await idle.stop();
  });

  describe('against a bus whose contracts differ from the broker', () => {
    const schemas = { request: z.object({}), reply: z.object({}) };
    const opening = request({ subject: 'vault.door.open', ...schemas, callers: ['edge'] });
    let edge: Bus;
    let vault: Bus;
    let bugs: unknown[];

    beforeEach(async () => {
      bugs = [];
      const onBug = (error: unknown) => bugs.push(error);
      edge = await connectNats({ url: urlOf('edge'), service: 'edge', onBug });
      vault = await connectNats({ url: urlOf('vault'), service: 'vault', onBug });
    });
    afterEach(() => Promise.all([edge.drain(), vault.drain()]));

    it('a request is refused long before its deadline', async () => {
      const asked = edge.request(opening, {}, { deadlineMs: 60_000 });
      await expect(asked).rejects.toMatchObject({ code: 'bus.forbidden' });
    });

    it('flush() tells that a handler is not heard', async () => {
      vault.handle(opening, () => ({}));
      await expect(vault.flush()).rejects.toMatchObject({ code: 'bus.forbidden' });
      expect(bugs).toEqual([expect.objectContaining({ code: 'bus.forbidden' })]);
    });

    it('an event that is refused is logged', async () => {
      const opened = event({
        subject: 'evt.vault.door.opened',
        payload: z.object({}),
        subscribers: ['edge'],
      });
      vault.publish(opened, {});
      await vault.flush();
      await vault.flush();
      expect(bugs).toEqual([expect.objectContaining({ code: 'bus.forbidden' })]);
    });
  });
});
