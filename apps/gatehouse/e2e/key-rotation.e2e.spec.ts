import { rotateAuthKeys } from '@gatehouse/contracts';
import { approve, Browser, discover, OAuthClient, type Tokens } from '@gatehouse/testing';
import { jest } from '@jest/globals';
import { ADMIN } from './shape.js';
import { TwoAuthReplicas } from './two-auth-replicas.js';

jest.setTimeout(180_000);

const CLIENTS = 100;
/** Each client calls once in this time: 100 calls a second together. */
const ROUND_MS = 1_000;
const TOKEN_SECONDS = 8;
const LEAD_SECONDS = 5;
const KEEP_SECONDS = 15;

/** A client as they are: it calls, and refreshes its token shortly before the end. */
class CallingClient {
  private refreshAt = 0;
  private refreshing: Promise<void> | null = null;

  constructor(
    private readonly client: OAuthClient,
    private readonly resource: string,
    public tokens: Tokens,
  ) {
    this.plan();
  }

  get kid(): string {
    const [header = ''] = this.tokens.access_token.split('.');
    return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid;
  }

  /** @throws Error unless it is answered */
  async call(): Promise<void> {
    if (Date.now() > this.refreshAt)
      await (this.refreshing ??= this.refresh().finally(() => (this.refreshing = null)));
    const status = await callWith(this.tokens.access_token, this.resource);
    if (status !== 200) throw new Error(`a call was answered ${status}`);
  }

  private async refresh(): Promise<void> {
    this.tokens = await this.client.refresh(this.tokens.refresh_token);
    this.plan();
  }

  private plan(): void {
    this.refreshAt = Date.now() + this.tokens.expires_in * 500 + Math.random() * 2_000;
  }
}

async function callWith(token: string, resource: string): Promise<number> {
  const response = await fetch(resource, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{}}}',
  });
  await response.arrayBuffer();
  return response.status;
}

/** Calls of all clients at a steady rate, until stopped. */
class Load {
  calls = 0;
  readonly failed: unknown[] = [];
  private readonly running = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;
  private waiting: Array<{ time: number; resolve: () => void }> = [];

  constructor(private readonly clients: readonly CallingClient[]) {
    this.timer = setInterval(() => this.next(), ROUND_MS / clients.length);
  }

  /** Resolves at a time, in ms since the epoch, between two calls. */
  until(time: number): Promise<void> {
    return new Promise((resolve) => this.waiting.push({ time, resolve }));
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.running);
  }

  private next(): void {
    const client = this.clients[this.calls++ % this.clients.length] as CallingClient;
    const call = client
      .call()
      .catch((error: unknown) => void this.failed.push(error))
      .finally(() => this.running.delete(call));
    this.running.add(call);
    this.waiting = this.waiting.filter(({ time, resolve }) => Date.now() < time || resolve());
  }
}

describe('a change of the signing key, with 100 clients signed in, 2 replicas of auth and an edge', () => {
  let replicas: TwoAuthReplicas;
  beforeAll(async () => {
    replicas = await TwoAuthReplicas.start({
      AUTH_ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS),
      VAULT_AUTH_KEY_LEAD_SECONDS: String(LEAD_SECONDS),
      VAULT_AUTH_KEY_KEEP_SECONDS: String(KEEP_SECONDS),
      POLICY_CALLS_PER_MINUTE: '1000000',
    });
  });
  afterAll(() => replicas.stop());

  const browser = new Browser();

  async function signIn(person = ADMIN): Promise<CallingClient> {
    const client = await OAuthClient.register(await discover(replicas.mcp));
    const request = client.authorization({ resource: replicas.mcp });
    const tokens = await client.exchange(await approve(browser, request, person), request);
    return new CallingClient(client, replicas.mcp, tokens);
  }

  it('fails no call: published before it signs, gone when the last token of the old one has ended', async () => {
    const clients: CallingClient[] = [];
    while (clients.length < CLIENTS) clients.push(await signIn());
    const old = (await replicas.kids(0))[0] ?? '';
    const load = new Load(clients);
    const { kid, activeFrom } = await replicas.connect('console').request(rotateAuthKeys, {});
    const begins = Date.parse(activeFrom);
    await load.until(begins - 1_000);
    const published = [await replicas.kids(0), await replicas.kids(1)];
    const early = clients.filter((client) => client.kid === kid);
    await load.until(begins + KEEP_SECONDS * 1_000);
    await load.stop();
    process.stdout.write(`${load.calls} calls, ${load.failed.length} failed\n`);
    expect(load.failed).toEqual([]);
    expect(published).toEqual([
      [kid, old],
      [kid, old],
    ]);
    expect(early).toEqual([]);
    expect(clients.every((client) => client.kid === kid)).toBe(true);
    expect(await replicas.kids(0)).toEqual([kid]);
    expect(await replicas.kids(1)).toEqual([kid]);

    // cookies from before still say who is there
    await (await signIn({ email: 'nobody@example.com', password: 'none' })).call();
  });
});
