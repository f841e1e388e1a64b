import { once } from 'node:events';
import { appendFile, readFile, stat } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { signInHeadless } from '@gatehouse/testing';
import { gatehouse } from './command-line.js';
import { ComposeProject, type Container } from './compose.js';
import { ComposedProcesses } from './composed-processes.js';
import { ADMIN, freePort } from './shape.js';

const SERVICES = ['edge', 'auth', 'vault', 'policy', 'audit', 'console'];
const MEBIBYTE = 1024 * 1024;
const WITH_DATABASE = ['auth', 'vault', 'policy', 'audit'];

describe('docker-compose.yml', () => {
  let project: ComposeProject;
  let env: string;
  let containers: Readonly<Record<string, Container>>;
  beforeAll(async () => {
    project = await ComposeProject.copy();
    await expect(project.containers()).rejects.toThrow('sh deploy/make-env.sh');
    expect(await project.makeEnv()).toMatchObject({ code: 0 });
    env = await readFile(join(project.folder, '.env'), 'utf8');
    containers = await project.containers();
  });
  afterAll(() => project.remove());

  it('is given secrets that only their owner may read, and that stay as they are', async () => {
    expect((await stat(join(project.folder, '.env'))).mode & 0o777).toBe(0o600);
    expect(await project.makeEnv()).toMatchObject({ code: 0 });
    expect(await readFile(join(project.folder, '.env'), 'utf8')).toBe(env);
  });

  it('tells each secret only to those who need it', () => {
    const owners: Record<string, string[]> = {};
    for (const [, name = '', value = ''] of env.matchAll(/^(\w+)=(.*)$/gm))
      owners[name] = Object.keys(containers).filter((container) =>
        JSON.stringify(containers[container]).includes(JSON.stringify(value).slice(1, -1)),
      );
    expect(owners).toEqual({
      GATEHOUSE_MASTER_KEY: ['vault'],
      POSTGRES_PASSWORD: ['postgres'],
      VALKEY_PASSWORD: ['edge', 'valkey'],
      DEMO_KEY: ['demo-keyed', 'policy'],
      ...Object.fromEntries(
        WITH_DATABASE.map((name) => [
          `GATEHOUSE_${name.toUpperCase()}_DB_PASSWORD`,
          [name, 'postgres'].sort(),
        ]),
      ),
      ...Object.fromEntries(
        SERVICES.map((name) => [`NATS_${name.toUpperCase()}_PASSWORD`, [name, 'nats'].sort()]),
      ),
    });
  });

  it.each(SERVICES)('gives %s a user of the broker and a database role of its own', (name) => {
    const { NATS_URL = '', DATABASE_URL } = containers[name]?.environment ?? {};
    expect(new URL(NATS_URL).username).toBe(name);
    const role = DATABASE_URL === undefined ? null : new URL(DATABASE_URL).username;
    expect(role).toBe(WITH_DATABASE.includes(name) ? `gatehouse_${name}` : null);
  });

  it('keeps the demo servers away from the bus, the database and the counters', () => {
    for (const [name, hosts] of Object.entries({ nats: SERVICES, postgres: WITH_DATABASE, valkey: ['edge'] }))
      expect(neighbours(containers, name)).toEqual([...hosts].sort());
  });
});

/** Those who share a network with a container. */
function neighbours(containers: Readonly<Record<string, Container>>, name: string): string[] {
  const networks = Object.keys(containers[name]?.networks ?? {});
  return Object.keys(containers)
    .filter(
      (other) => other !== name && networks.some((network) => network in (containers[other]?.networks ?? {})),
    )
    .sort();
}

describe('the main job in the containers of docker-compose.yml', () => {
  let project: ComposeProject;
  let processes: ComposedProcesses;
  let url: string;
  let token: string;
  let keyed: string;
  let admin: string;
  beforeAll(async () => {
    project = await ComposeProject.copy();
    await project.makeEnv();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const settings = { GATEHOUSE_PUBLIC_URL: url, GATEHOUSE_ADMIN_EMAIL: ADMIN.email };
    const lines = Object.entries({ ...settings, GATEHOUSE_ADMIN_PASSWORD: ADMIN.password });
    await appendFile(join(project.folder, '.env'), lines.map((pair) => `${pair.join('=')}\n`).join(''));
    processes = await ComposedProcesses.start(project, port);
  });
  afterAll(async () => {
    const codes = await processes.stop();
    expect(codes).toMatchObject(
      Object.fromEntries(SERVICES.filter((name) => name !== 'edge').map((name) => [name, 0])),
    );
    await project.remove();
  });

  const mcp = (server: string) => `${url}/demo/mcp/${server}/server`;

  it('finds every service healthy by the command of the image', async () => {
    for (const name of SERVICES) expect(await processes.health(name)).toBe(0);
    expect(await processes.health('postgres')).not.toBe(0);
  });

  it('signs a client in and carries its calls to both demo servers', async () => {
    ({ access_token: token } = await signInHeadless({ resource: mcp('everything'), ...ADMIN }));
    const echo = await call(mcp('everything'), token, { name: 'echo', arguments: { message: 'composed' } });
    expect(echo).toContain('composed');
    ({ access_token: keyed } = await signInHeadless({ resource: mcp('keyed'), ...ADMIN }));
    const who = await call(mcp('keyed'), keyed, { name: 'who_am_i', arguments: {} });
    expect(who).toContain('the holder of the shared key');
  });

  it('is found sound by the doctor', async () => {
    const person = ['--email', ADMIN.email, '--password', ADMIN.password];
    expect(await gatehouse(['doctor', mcp('everything'), ...person])).toMatchObject({ code: 0 });
    const made = await gatehouse(['token', 'create', ...person, '--name', 'e2e', '--json'], {
      GATEHOUSE_URL: url,
    });
    admin = (JSON.parse(made.stdout) as { token: string }).token;
  });

  it('records the address of the client, not of the ingress, nor what the client writes', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    const answer = await post({
      headers,
      body: toolCall('count_words', { text: 'from another address' }),
      localAddress: '127.0.0.2',
    });
    expect(answer.statusCode).toBe(200);
    answer.resume();
    const record = await recorded(
      'tool=count_words',
      ({ arguments: given }) => given?.['text'] === 'from another address',
    );
    expect(record).toMatchObject({ status: 'ok', ip: '127.0.0.2' });
  });

  it('streams: each frame comes when it is sent', async () => {
    const times: number[] = [];
    const slow = { name: 'trigger-long-running-operation', arguments: { duration: 2, steps: 4 } };
    await call(mcp('everything'), token, slow, () => times.push(performance.now()));
    expect(times.length).toBeGreaterThanOrEqual(3);
    expect(performance.now() - (times[0] ?? 0)).toBeGreaterThan(500);
  });

  it('cancels a silent call whose client goes away', async () => {
    const { client, transport } = await connect(mcp('everything'), token);
    const body = toolCall('trigger-long-running-operation', { duration: 60, steps: 1 });
    const headers = { authorization: `Bearer ${token}`, 'mcp-session-id': transport.sessionId ?? '' };
    const answer = await post({ url: mcp('everything'), body, headers });
    expect(answer.statusCode).toBe(200);
    answer.destroy();
    const record = await recorded('status=cancelled', () => true);
    expect(record).toMatchObject({ tool: 'trigger-long-running-operation' });
    await client.close();
  });

  it.each([5, 40])('refuses a body of %s MiB as MCP clients understand it', async (mebibytes) => {
    const answer = await post({ body: `"${'x'.repeat(mebibytes * MEBIBYTE)}"` });
    expect(answer.statusCode).toBe(413);
    expect(JSON.parse(await text(answer))).toMatchObject({ jsonrpc: '2.0', error: { code: -32600 } });
  });

  it('lets a body pass that the edge takes, and a large header', async () => {
    const body = toolCall('count_words', { text: 'x'.repeat(4 * MEBIBYTE - 200) });
    const answer = await post({ body, headers: { 'x-large': 'x'.repeat(12_000) } });
    expect(answer.statusCode).toBe(200);
    expect(await text(answer)).toContain('"text":"1"');
  });

  it('does not show the metrics to the public', async () => {
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  it('answers 503 while a service is away, and goes on for the others', async () => {
    expect(await processes.end('edge')).toBe(0);
    const answer = await fetch(mcp('everything'), { method: 'POST' });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect((await fetch(`${url}/.well-known/oauth-authorization-server`)).status).toBe(200);
  });

  /** A POST on a connection of its own; if nothing else is said to the second demo server, which keeps no sessions. */
  async function post(options: Post): Promise<IncomingMessage> {
    const { url: to = mcp('keyed'), body, localAddress = '127.0.0.1' } = options;
    const headers = {
      authorization: `Bearer ${keyed}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'content-length': Buffer.byteLength(body),
      ...options.headers,
    };
    const sent = request(to, { method: 'POST', agent: false, localAddress, headers });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    sent.on('error', () => undefined); // the rest of a body that nobody wants
    return answer;
  }

  /** Records come to the database a moment after the call. */
  async function recorded(query: string, fits: (record: CallRecord) => boolean): Promise<unknown> {
    const signal = AbortSignal.timeout(10_000);
    for (;;) {
      const headers = { authorization: `Bearer ${admin}` };
      const answer = await fetch(`${url}/api/v1/calls?${query}`, { headers, signal });
      const { items } = (await answer.json()) as { items: CallRecord[] };
      const found = items.find(fits);
      if (found) return found;
    }
  }
});

interface CallRecord {
  readonly arguments: Record<string, unknown> | null;
}

async function connect(url: string, token: string) {
  const client = new Client({ name: 'e2e', version: '1.0.0' });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit });
  await client.connect(transport);
  return { client, transport };
}

interface ToolCall {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

async function call(url: string, token: string, tool: ToolCall, onprogress?: () => void): Promise<string> {
  const { client } = await connect(url, token);
  const result = await client.callTool(tool, undefined, onprogress && { onprogress });
  await client.close();
  return JSON.stringify(result.content);
}

interface Post {
  readonly url?: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where the connection comes from: any address of 127.0.0.0/8 is this machine's. */
  readonly localAddress?: string;
}

function toolCall(name: string, given: Record<string, unknown>): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } });
}

async function text(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
