import { Injectable, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { event, Failure, request, SERVICE_NAMES, type ServiceName } from '@gatehouse/contracts';
import { startNats } from '@gatehouse/testing';
import { z } from 'zod';
import type { OnBug } from './bug.js';
import { BusServer } from './bus-server.js';
import { Bus } from './bus.js';
import { Handle, Listen } from './handle.js';
import { MemoryBroker } from './memory-bus.js';
import { connectNats } from './nats-bus.js';
import { natsConfig, passwordVariable } from './permissions.js';

const Text = z.object({ text: z.string() });
const say = request({ subject: 'vault.echo.say', request: Text, reply: Text, callers: ['edge'] });
const changed = event({ subject: 'evt.edge.echo.changed', payload: Text, subscribers: ['vault'] });

@Injectable()
class Store {
  readonly heard: string[] = [];
  saved = () => {};
  save(text: string): void {
    this.heard.push(text);
    this.saved();
  }
}

const bug = new Error('secret-text');

@Handle(say)
class Say {
  constructor(private readonly store: Store) {}

  async handle({ text }: { text: string }): Promise<{ text: string }> {
    if (text === 'fail') throw new Failure('limit.exceeded', 'one a day');
    if (text === 'bug') throw bug;
    return { text: `${text}, ${this.store.heard.length} heard` };
  }
}

@Listen(changed)
class KeepFirst {
  constructor(private readonly store: Store) {}

  on({ text }: { text: string }): void {
    this.store.save(`first ${text}`);
  }
}

@Listen(changed)
class KeepSecond {
  constructor(
    private readonly store: Store,
    readonly bus: Bus,
  ) {}

  async on({ text }: { text: string }): Promise<void> {
    if (text === 'bug') throw bug;
    this.store.save(`second ${text}`);
  }
}

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

const transports = { 'in memory': inMemory, 'over NATS': overNats };
describe.each(Object.entries(transports))('a Nest microservice on the bus %s', (_name, start) => {
  let transport: Transport;
  let app: INestMicroservice;
  let edge: Bus;
  let vault: Bus;
  let bugs: unknown[];

  async function serve(controllers: Array<new (...args: never[]) => unknown>): Promise<INestMicroservice> {
    @Module({ controllers, providers: [Store, { provide: Bus, useValue: vault }] })
    class VaultModule {}
    return NestFactory.createMicroservice(VaultModule, { strategy: new BusServer(vault), logger: false });
  }

  beforeEach(async () => {
    bugs = [];
    transport = await start();
    edge = await transport.connect('edge');
    vault = await transport.connect('vault', (error) => bugs.push(error));
    app = await serve([Say, KeepFirst, KeepSecond]);
    await app.listen();
  });
  afterEach(async () => {
    await Promise.all([edge.drain(), vault.drain()]);
    await app.close();
    await transport.stop();
  });

  it('answers as soon as listen() has resolved, with what Nest injects', async () => {
    expect(await edge.request(say, { text: 'hello' })).toEqual({ text: 'hello, 0 heard' });
  });

  it('hears an event in every class that listens to it', async () => {
    const store = app.get(Store);
    const both = new Promise<void>((resolve) => (store.saved = () => store.heard.length === 2 && resolve()));
    edge.publish(changed, { text: 'news' });
    await both;
    expect(store.heard.sort()).toEqual(['first news', 'second news']);
  });

  it('passes failures unchanged', async () => {
    const failed = edge.request(say, { text: 'fail' });
    await expect(failed).rejects.toMatchObject({ code: 'limit.exceeded', detail: 'one a day' });
    expect(bugs).toEqual([]);
  });

  it('takes bugs to the log as they were thrown, and nowhere else', async () => {
    const failed = edge.request(say, { text: 'bug' });
    await expect(failed).rejects.toMatchObject({ code: 'internal', detail: undefined });
    edge.publish(changed, { text: 'bug' });
    await edge.flush();
    await vault.drain();
    expect(bugs).toHaveLength(2);
    for (const caught of bugs) expect(caught).toBe(bug);
    expect(bug.stack).toContain('bus-server.int.spec');
  });

  it('does not start with a handler of a contract that is not its own', async () => {
    const foreign = request({ ...say, subject: 'audit.echo.say' });
    @Handle(foreign)
    class Foreign {
      handle(request: { text: string }): { text: string } {
        return request;
      }
    }
    await expect((await serve([Foreign])).listen()).rejects.toMatchObject({ code: 'bus.forbidden' });
  });

  it('does not start with two handlers of one contract', async () => {
    @Handle(say)
    class SayAgain extends Say {
      override handle(request: { text: string }): Promise<{ text: string }> {
        return super.handle(request);
      }
    }
    await vault.drain();
    vault = await transport.connect('vault');
    await expect((await serve([Say, SayAgain])).listen()).rejects.toThrow('has a handler already');
  });
});

it('a Nest microservice does not count as listening before the broker has taken its handlers', async () => {
  const env = Object.fromEntries(SERVICE_NAMES.map((name) => [passwordVariable(name), 'secret']));
  const server = await startNats({ config: natsConfig([]), env });
  const url = server.url.replace('//', '//vault:secret@');
  const vault = await connectNats({ url, service: 'vault', onBug: () => {} });
  @Module({ controllers: [Say], providers: [Store] })
  class VaultModule {}
  const app = await NestFactory.createMicroservice(VaultModule, {
    strategy: new BusServer(vault),
    logger: false,
  });
  await expect(app.listen()).rejects.toMatchObject({ code: 'bus.forbidden' });
  await vault.drain();
  await server.stop();
});
