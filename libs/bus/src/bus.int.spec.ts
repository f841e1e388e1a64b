import { inspect } from 'node:util';
import { event, Failure, request, type ServiceName } from '@gatehouse/contracts';
import { startNats } from '@gatehouse/testing';
import { z } from 'zod';
import type { OnBug } from './bug.js';
import type { Bus } from './bus.js';
import { MemoryBroker } from './memory-bus.js';
import { connectNats } from './nats-bus.js';

const say = request({
  subject: 'vault.echo.say',
  request: z.object({ text: z.string(), times: z.number().int().default(1) }),
  reply: z.object({ text: z.string() }),
  callers: ['edge'],
  deadlineMs: 2_000,
});
const askOn = request({ ...say, subject: 'policy.echo.say', callers: ['vault'] });
const changed = event({
  subject: 'evt.vault.echo.changed',
  payload: z.object({ list: z.array(z.number()) }),
  subscribers: ['edge'],
});

interface Transport {
  connect(service: ServiceName, onBug?: OnBug): Promise<Bus>;
  stop(): Promise<void>;
}

async function inMemory(): Promise<Transport> {
  const broker = new MemoryBroker();
  return { connect: async (service, onBug) => broker.connect(service, { onBug }), stop: async () => {} };
}

async function overNats(): Promise<Transport> {
  const { url, stop } = await startNats();
  return { connect: (service, onBug) => connectNats({ url, service, onBug }), stop };
}

/** Something to wait for and the switch that ends the waiting. */
function gate<T = void>(): { opened: Promise<T>; open: (value: T) => void } {
  let open: (value: T) => void = () => {};
  const opened = new Promise<T>((resolve) => (open = resolve));
  return { opened, open };
}

const transports = { 'in memory': inMemory, 'over NATS': overNats };
describe.each(Object.entries(transports))('the bus %s', (_name, start) => {
  let transport: Transport;
  let buses: Bus[];
  let bugs: Array<[unknown, string]>;

  const connect = async (service: ServiceName) => {
    const bus = await transport.connect(service, (error, subject) => bugs.push([error, subject]));
    buses.push(bus);
    return bus;
  };

  beforeAll(async () => void (transport = await start()));
  afterAll(() => transport.stop());
  beforeEach(() => {
    buses = [];
    bugs = [];
  });
  afterEach(() => Promise.all(buses.map((bus) => bus.drain())));

  type Handler = (body: { text: string; times: number }) => Promise<{ text: string }> | { text: string };

  async function vaultWith(handler: Handler): Promise<Bus> {
    const vault = await connect('vault');
    vault.handle(say, handler);
    await vault.flush();
    return vault;
  }

  const edgeAndVault = async (handler: Handler) => ({
    edge: await connect('edge'),
    vault: await vaultWith(handler),
  });

  describe('requests', () => {
    it('carries a request to its handler and the reply back, defaults filled in', async () => {
      const { edge } = await edgeAndVault(({ text, times }) => ({ text: `${text}${times}` }));
      expect(await edge.request(say, { text: 'a' })).toEqual({ text: 'a1' });
    });

    it('copies messages, so that services cannot share objects', async () => {
      const mine = { text: 'mine' };
      const kept = { text: 'kept' };
      const { edge } = await edgeAndVault((body) => {
        body.text = 'changed by the callee';
        return kept;
      });
      (await edge.request(say, mine)).text = 'changed by the caller';
      expect([mine, kept]).toEqual([{ text: 'mine' }, { text: 'kept' }]);
    });

    it('gives each request to one replica', async () => {
      let handled = 0;
      const { edge } = await edgeAndVault(() => ({ text: `${++handled}` }));
      await vaultWith(() => ({ text: `${++handled}` }));
      await Promise.all(Array.from({ length: 20 }, () => edge.request(say, { text: '' })));
      expect(handled).toBe(20);
    });

    it('tells at once that nobody is listening', async () => {
      const edge = await connect('edge');
      await expect(edge.request(say, { text: '' })).rejects.toMatchObject({ code: 'bus.no_responder' });
    });

    it('tells that the handler is too slow, by the deadline of the contract or of the caller', async () => {
      const { opened, open } = gate<{ text: string }>();
      const { edge } = await edgeAndVault(() => opened);
      const late = { code: 'bus.deadline_exceeded' };
      await expect(edge.request({ ...say, deadlineMs: 60 }, { text: '' })).rejects.toMatchObject(late);
      await expect(edge.request(say, { text: '' }, { deadlineMs: 60 })).rejects.toMatchObject(late);
      open({ text: '' });
    });

    it('stops waiting when the caller aborts', async () => {
      const called = gate();
      const answer = gate<{ text: string }>();
      const { edge } = await edgeAndVault(() => {
        called.open();
        return answer.opened;
      });
      const controller = new AbortController();
      const asked = edge.request(say, { text: '' }, { signal: controller.signal });
      void called.opened.then(() => controller.abort(new Error('the client left')));
      await expect(asked).rejects.toThrow('the client left');
      await expect(edge.request(say, { text: '' }, { signal: controller.signal })).rejects.toThrow(
        'the client left',
      );
      answer.open({ text: '' });
    });
  });

  describe('what goes wrong', () => {
    it("passes a handler's failure with its detail", async () => {
      const { edge } = await edgeAndVault(() => {
        throw new Failure('vault.request_refused', 'the nonce was used before');
      });
      await expect(edge.request(say, { text: '' })).rejects.toMatchObject({
        name: 'Failure',
        code: 'vault.request_refused',
        detail: 'the nonce was used before',
      });
      expect(bugs).toEqual([]);
    });

    it.each<[string, unknown]>([
      ['an error', new Error('secret-text')],
      ['an error with a cause', new Error('outer secret-text', { cause: new Error('secret-text') })],
      [
        'an object with nested text',
        { failure: { code: 'x', detail: 'secret-text', list: ['secret-text'] } },
      ],
      [
        'an error that looks like a failure',
        Object.assign(new Error('secret-text'), { code: 'limit.exceeded' }),
      ],
      ["a failure's cause", new Failure('internal', undefined, { cause: new Error('secret-text') })],
    ])('keeps a bug to the log: %s', async (_kind, thrown) => {
      const { edge } = await edgeAndVault(() => {
        throw thrown;
      });
      const error: unknown = await edge.request(say, { text: '' }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'internal', detail: undefined });
      expect(inspect(error, { depth: 10 })).not.toContain('secret-text');
      expect(bugs).toEqual([[thrown, say.subject]]);
    });

    it('treats a reply that breaks the contract as a bug of the handler', async () => {
      const { edge } = await edgeAndVault(() => ({}) as { text: string });
      await expect(edge.request(say, { text: '' })).rejects.toMatchObject({ code: 'internal' });
      expect(bugs).toHaveLength(1);
    });

    it('does not let a request leave that breaks the contract', async () => {
      let called = false;
      const { edge } = await edgeAndVault(() => ({ text: String((called = true)) }));
      await expect(edge.request(say, { text: 1 } as never)).rejects.toMatchObject({
        code: 'bus.bad_message',
      });
      expect(called).toBe(false);
    });

    it('refuses a message over the limit of the broker, either way, instead of hanging', async () => {
      const big = 'x'.repeat(1_048_576);
      const { edge } = await edgeAndVault(() => ({ text: big }));
      const asked = edge.request(say, { text: big });
      await expect(asked).rejects.toMatchObject({ code: 'bus.bad_message' });
      await expect(asked).rejects.toMatchObject({
        cause: { message: expect.stringContaining('1048576 at most') },
      });
      await expect(edge.request(say, { text: '' })).rejects.toMatchObject({ code: 'bus.bad_message' });
      expect(bugs).toHaveLength(1);
    });
  });

  describe('who may', () => {
    const forbidden = expect.objectContaining({ code: 'bus.forbidden' });

    it('refuses a request by a service that is no caller of the contract', async () => {
      await edgeAndVault(() => ({ text: '' }));
      const console = await connect('console');
      await expect(console.request(say, { text: '' })).rejects.toEqual(forbidden);
    });

    it('refuses to answer, publish or hear for a service whose part it is not', async () => {
      const [edge, vault] = [await connect('edge'), await connect('vault')];
      expect(() => edge.handle(say, () => ({ text: '' }))).toThrow(forbidden);
      expect(() => edge.publish(changed, { list: [] })).toThrow(forbidden);
      expect(() => vault.subscribe(changed, () => {})).toThrow(forbidden);
    });

    it('refuses a second handler for one contract', async () => {
      const { vault } = await edgeAndVault(() => ({ text: '' }));
      expect(() => vault.handle(say, () => ({ text: '' }))).toThrow('vault.echo.say has a handler already');
    });
  });

  describe('events', () => {
    it('tells every replica, each with its own copy, until it stops listening', async () => {
      const [vault, edge, other] = [await connect('vault'), await connect('edge'), await connect('edge')];
      const heard: number[][] = [];
      let all = gate();
      const hear = (payload: { list: number[] }) => {
        if (heard.push(payload.list) === 2) all.open();
        payload.list.push(0);
      };
      const stop = edge.subscribe(changed, hear);
      other.subscribe(changed, hear);
      await Promise.all([edge.flush(), other.flush()]);
      vault.publish(changed, { list: [1] });
      await all.opened;
      stop();
      all = gate();
      heard.length = 1;
      await edge.flush();
      vault.publish(changed, { list: [2] });
      await all.opened;
      expect(heard.flat()).toEqual([1, 0, 2, 0]);
    });

    it('survives a listener that throws or rejects, and logs it', async () => {
      const [vault, edge] = [await connect('vault'), await connect('edge')];
      const heard = gate();
      edge.subscribe(changed, ({ list }) => {
        if (list.length > 0) throw new Error('a bug in a listener');
        heard.open();
      });
      edge.subscribe(changed, async ({ list }) => {
        if (list.length > 0) throw new Error('a bug in an async listener');
      });
      await edge.flush();
      vault.publish(changed, { list: [1] });
      vault.publish(changed, { list: [] });
      await heard.opened;
      await edge.drain();
      expect(bugs.map(([error]) => (error as Error).message).sort()).toEqual([
        'a bug in a listener',
        'a bug in an async listener',
      ]);
    });
  });

  describe('draining', () => {
    it('lets a slow handler finish, its own requests and its reply included, and takes in nothing new', async () => {
      const policy = await connect('policy');
      policy.handle(askOn, async ({ text }) => {
        await new Promise((resolve) => setImmediate(resolve));
        return { text: `${text}!` };
      });
      await policy.flush();
      const begun = gate();
      let finished = false;
      const { edge, vault } = await edgeAndVault(async ({ text }) => {
        begun.open();
        let reply = { text };
        for (let i = 0; i < 5; i++) reply = await vault.request(askOn, reply);
        finished = true;
        return reply;
      });
      const slow = edge.request(say, { text: 'slow' });
      await begun.opened;
      await vault.drain();
      expect(finished).toBe(true);
      expect(await slow).toEqual({ text: 'slow!!!!!' });
      await expect(edge.request(say, { text: '' })).rejects.toMatchObject({ code: 'bus.no_responder' });
    });

    it('fails requests afterwards', async () => {
      const { edge } = await edgeAndVault(() => ({ text: '' }));
      await edge.drain();
      expect(edge.connected).toBe(false);
      await expect(edge.request(say, { text: '' })).rejects.toMatchObject({ code: 'bus.unavailable' });
    });
  });
});
