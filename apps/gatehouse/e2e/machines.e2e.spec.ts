import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { JwtIssuer } from '@gatehouse/testing';
import { gatehouse } from './command-line.js';
import { ADMIN, Installation, SHAPES, type ReadyLine } from './shape.js';

const AUDIENCE = 'https://gate.example';

/** A machine's calls from its first key on, as docs/machines.md says. */
describe.each(SHAPES)('a machine, %s', (shape) => {
  let gate: Installation & ReadyLine;
  let issuer: JwtIssuer;
  let admin: string;
  beforeAll(async () => {
    issuer = await JwtIssuer.start();
    gate = await Installation.start(shape, { env: { GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8' } });
    admin = await newToken('--name', 'admin');
    await api('POST', '/service-accounts', { name: 'ci' });
  });
  afterAll(async () => {
    await issuer.close();
    await gate.stop();
  });

  async function newToken(...args: string[]): Promise<string> {
    const who = ['--email', ADMIN.email, '--password', ADMIN.password];
    const made = await gatehouse(['token', 'create', ...who, '--json', ...args], { GATEHOUSE_URL: gate.url });
    expect(made.stderr).toBe('');
    return (JSON.parse(made.stdout) as { token: string }).token;
  }

  async function api(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${gate.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    expect([method, path, response.ok]).toEqual([method, path, true]);
    return response.status === 204 ? null : response.json();
  }

  async function tools(token: string, header = 'authorization'): Promise<number> {
    const client = new Client({ name: 'e2e', version: '1.0.0' });
    const value = header === 'authorization' ? `Bearer ${token}` : token;
    const requestInit = { headers: { [header]: value } };
    await client.connect(new StreamableHTTPClientTransport(new URL(gate.mcp), { requestInit }));
    const { tools } = await client.listTools();
    await client.close();
    return tools.length;
  }

  /** Milliseconds until a token is refused. */
  async function untilRefused(token: string): Promise<number> {
    const begun = Date.now();
    const headers = { authorization: `Bearer ${token}` };
    for (;;) {
      const response = await fetch(gate.mcp, { method: 'POST', headers });
      await response.body?.cancel();
      if (response.status === 401) return Date.now() - begun;
    }
  }

  it('calls with a token of its service account, in either header, until that is revoked', async () => {
    const token = await newToken('--service-account', 'ci', '--name', 'runner');
    expect(await tools(token)).toBeGreaterThan(0);
    expect(await tools(token, 'x-tfy-api-key')).toBeGreaterThan(0);
    await api('DELETE', '/service-accounts/ci/tokens');
    expect(await untilRefused(token)).toBeLessThan(1_000);
  });

  it('exchanges a JWT of its platform for an access token, or sends it as it is, until the issuer is removed', async () => {
    await api('POST', '/issuers', {
      ...{ name: 'platform', issuer: issuer.url, audiences: [AUDIENCE], uses: ['exchange', 'bearer'] },
      rules: [{ claims: { sub: 'runner' }, service_account: 'ci' }],
    });
    const jwt = await issuer.sign({ sub: 'runner', aud: AUDIENCE });
    const exchanged = await fetch(`${gate.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: jwt,
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        resource: gate.mcp,
      }),
    });
    const { access_token } = (await exchanged.json()) as { access_token: string };
    expect(await tools(access_token)).toBeGreaterThan(0);
    expect(await tools(jwt)).toBeGreaterThan(0);
    await api('DELETE', '/issuers/platform');
    expect(Math.max(await untilRefused(jwt), await untilRefused(access_token))).toBeLessThan(1_000);
  });

  it('is recorded by the name of its service account', async () => {
    const query = '/calls?user=ci&limit=1';
    let items: unknown[] = [];
    while (items.length === 0) ({ items } = (await api('GET', query)) as { items: unknown[] });
    expect(items).toMatchObject([{ subject: { type: 'service-account', name: 'ci' } }]);
  });
});
