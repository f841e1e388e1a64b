import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bus, MemoryBroker } from '@gatehouse/bus';
import type { Contract } from '@gatehouse/contracts';
import { servicesWithDatabase } from '@gatehouse/persistence';
import { Front } from '@gatehouse/runtime';
import { signInHeadless, testDatabases } from '@gatehouse/testing';
import { jest } from '@jest/globals';
import pg from 'pg';
import { Progress } from '../src/start/progress.js';
import {
  byPath,
  firstReason,
  startServices,
  stopServices,
  type StartedService,
} from '../src/start/services.js';
import { ADMIN, freePort, ROOT } from './shape.js';
import { stepsOfACall } from './steps.js';

/** What a call waited for: messages that the edge sent, and queries that any service made. */
interface Counted {
  readonly messages: string[];
  queries: number;
}

describe('the path of a call', () => {
  let counted: Counted = { messages: [], queries: 0 };
  let started: StartedService[];
  let front: Front;
  let upstream: Server;
  let folder: string;
  let url: string;
  let token: string;
  let databases: Awaited<ReturnType<typeof testDatabases>>;

  beforeAll(async () => {
    countMessagesAndQueries((what) => {
      if (what === 'query') counted.queries++;
      else counted.messages.push(what);
    });
    upstream = await startUpstream();
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-path-'));
    databases = await testDatabases(servicesWithDatabase);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    started = await startServices({
      natsUrl: undefined,
      progress: new Progress(),
      environmentOf: (service) => ({
        GATEHOUSE_PUBLIC_URL: url,
        GATEHOUSE_DATA: folder,
        GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8',
        GATEHOUSE_ADMIN_EMAIL: ADMIN.email,
        GATEHOUSE_ADMIN_PASSWORD: ADMIN.password,
        GATEHOUSE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
        DATABASE_URL: (databases.urls as Record<string, string>)[service],
        POLICY_MANIFESTS: JSON.stringify([manifest(upstream)]),
      }),
    });
    front = await Front.open({
      host: '127.0.0.1',
      port,
      listener: byPath(started),
      notReady: () => firstReason(started),
    });
    token = (await signInHeadless({ resource: `${url}/demo/mcp/counted/server`, ...ADMIN })).access_token;
  });
  afterAll(async () => {
    await front.drain(true);
    await stopServices(started);
    await databases.drop();
    upstream.close();
    await rm(folder, { recursive: true, force: true });
    jest.restoreAllMocks();
  });

  async function call(): Promise<Counted> {
    const mine = (counted = { messages: [], queries: 0 });
    const answer = await fetch(`${url}/demo/mcp/counted/server`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{}}}',
    });
    expect(await answer.text()).toContain('"result"');
    counted = { messages: [], queries: 0 };
    return mine;
  }

  it('is what docs/path.md says: a warm one waits for no message and no query', async () => {
    const cold = await call();
    // what others do at the same time (shipping, heartbeats) is no part of a call: what is, is in every one
    const warm = [];
    for (let count = 0; count < 30; count++) warm.push(await call());
    const least = {
      messages: Math.min(...warm.map(({ messages }) => messages.length)),
      queries: Math.min(...warm.map(({ queries }) => queries)),
    };
    expect(least).toEqual({ messages: 0, queries: 0 });
    const asked = warm
      .flatMap(({ messages }) => messages)
      .filter((subject) => subject !== 'audit.record.append');
    expect(asked).toEqual([]);

    const text = describePath(await stepsOfACall(), cold, least);
    const file = join(ROOT, 'docs/path.md');
    const committed = await readFile(file, 'utf8').catch(() => '');
    if (committed !== text) await writeFile(file, text);
    expect(committed).toBe(text);
  });
});

/** Watches, without changing anything: requests which the edge sends, and queries of every connection. */
function countMessagesAndQueries(count: (what: string) => void): void {
  const connect = MemoryBroker.prototype.connect;
  jest.spyOn(MemoryBroker.prototype, 'connect').mockImplementation(function (
    this: MemoryBroker,
    service,
    options,
  ) {
    const bus: Bus = connect.call(this, service, options);
    if (service !== 'edge') return bus;
    const request = bus.request.bind(bus);
    bus.request = ((contract: Contract, ...rest: unknown[]) => {
      count(contract.subject);
      return (request as (...args: unknown[]) => unknown)(contract, ...rest);
    }) as Bus['request'];
    return bus;
  });
  const query = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    count('query');
    return query.apply(this, args);
  } as typeof pg.Client.prototype.query;
}

async function startUpstream(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function manifest(upstream: Server): unknown {
  return {
    type: 'mcp-server/remote',
    name: 'counted',
    description: 'for counting',
    url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`,
    auth_data: { type: 'header', auth_level: 'global', headers: { Authorization: 'Bearer for-counting' } },
    collaborators: [{ subject: 'team:everyone', role_id: 'mcp-server-user' }],
  };
}

function describePath(steps: string, cold: Counted, warm: { messages: number; queries: number }): string {
  return `# The life of a tool call

<!-- Written by apps/gatehouse/e2e/path.e2e.spec.ts, which counts: do not edit. -->

One POST on \`/{tenant}/mcp/{server}/server\`, to a server that needs a shared credential. The steps, as they stand in
[post-message.ts](../apps/edge/src/call/post-message.ts):

${steps}

What the call waited for, counted by the test:

| | messages on the bus | queries |
|---|---|---|
| warm | ${warm.messages} | ${warm.queries} |
| the first call with a token, on an edge that knows nothing yet | ${cold.messages.length} | ${cold.queries} |

The messages of the first one, in order: ${cold.messages.map((subject) => `\`${subject}\``).join(', ')}. The queries are
those of the vault, which looks up and opens the credential, and of auth, which tells the vault, the first time that
somebody calls, whose access has ended. Both calls wait for one \`fdatasync\` of the journal.
Afterwards, with nobody waiting, the record travels to audit in a batch (\`audit.record.append\`).
`;
}
