import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { discover, signInHeadless, type Tokens } from '@gatehouse/testing';
import { gatehouse } from './command-line.js';
import { ADMIN, Installation, SHAPES, type ReadyLine } from './shape.js';

async function connect(url: string, token: string): Promise<Client> {
  const client = new Client({ name: 'e2e', version: '1.0.0' });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

describe.each(SHAPES)('the main job, %s', (shape) => {
  let gate: Installation & ReadyLine;
  let tokens: Tokens;
  let admin: string;
  beforeAll(async () => {
    gate = await Installation.start(shape);
  });
  afterAll(async () => {
    expect(await gate.stop()).toBe(0);
  });

  it('signs a client in that knows only the URL', async () => {
    tokens = await signInHeadless({ resource: gate.mcp, ...ADMIN });
    expect(tokens).toMatchObject({ token_type: 'Bearer', scope: 'mcp:read mcp:call' });
    expect(tokens.refresh_token).toEqual(expect.any(String));
  });

  it('carries initialize, tools/list and tools/call to the demo server and streams back', async () => {
    const client = await connect(gate.mcp, tokens.access_token);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('echo');
    const result = await client.callTool({ name: 'echo', arguments: { message: `hello from ${shape}` } });
    expect(JSON.stringify(result.content)).toContain(`hello from ${shape}`);
    await client.close();
  });

  it('passes on progress of a long call while it runs', async () => {
    const client = await connect(gate.mcp, tokens.access_token);
    const progress: number[] = [];
    const call = { name: 'trigger-long-running-operation', arguments: { duration: 1, steps: 3 } };
    await client.callTool(call, undefined, { onprogress: (note) => progress.push(note.progress) });
    expect(progress.length).toBeGreaterThanOrEqual(2);
    await client.close();
  });

  it('puts the shared key of the second demo server on, which the client never sees', async () => {
    const url = `${gate.url}/demo/mcp/keyed/server`;
    const own = await signInHeadless({ resource: url, ...ADMIN });
    const client = await connect(url, own.access_token);
    const result = await client.callTool({ name: 'who_am_i', arguments: {} });
    expect(JSON.stringify(result.content)).toContain('the holder of the shared key');
    await client.close();
  });

  it('refuses a token of another server, and says where to sign in', async () => {
    const answer = await fetch(`${gate.url}/demo/mcp/keyed/server`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain(
      '/.well-known/oauth-protected-resource/demo/mcp/keyed/server',
    );
  });

  it('makes a personal access token on the command line', async () => {
    const args = [
      'token',
      'create',
      '--email',
      ADMIN.email,
      '--password',
      ADMIN.password,
      '--name',
      'e2e',
      '--json',
    ];
    const made = await gatehouse(args, { GATEHOUSE_URL: gate.url });
    expect(made).toMatchObject({ code: 0 });
    admin = (JSON.parse(made.stdout) as { token: string }).token;
    expect(admin).toMatch(/^gatehouse_pat_/);
  });

  it('shows an administrator the record of the call', async () => {
    const record = await untilRecorded(gate.url, admin, `hello from ${shape}`);
    expect(record).toMatchObject({
      tenant: 'demo',
      server: 'everything',
      method: 'tools/call',
      tool: 'echo',
      status: 'ok',
      subject: { type: 'user', name: ADMIN.email },
      decision: { effect: 'permit' },
    });
  });

  it('tells a stranger nothing of what exists', async () => {
    const known = await discover(gate.mcp);
    const unknown = await discover(`${gate.url}/nowhere/mcp/nothing/server`);
    expect(unknown).toEqual(known);
  });

  it('shows how to use the URL to a browser', async () => {
    const page = await fetch(gate.mcp, { headers: { accept: 'text/html' } });
    const html = await page.text();
    expect(html).toContain('How to use');
    for (const client of ['Cursor', 'Claude Code', 'VS Code']) expect(html).toContain(client);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('is found sound by the doctor', async () => {
    const doctor = await gatehouse([
      'doctor',
      gate.mcp,
      '--email',
      ADMIN.email,
      '--password',
      ADMIN.password,
    ]);
    expect(doctor).toMatchObject({ code: 0 });
  });

  it('lets the doctor name the step that fails', async () => {
    const doctor = await gatehouse([
      'doctor',
      gate.mcp,
      '--email',
      ADMIN.email,
      '--password',
      'not the password',
    ]);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/FAIL.*sign in/i);
  });
});

interface Page {
  items: { arguments: unknown }[];
}

/** Records come to the database a moment after the call. */
async function untilRecorded(url: string, token: string, text: string): Promise<unknown> {
  const signal = AbortSignal.timeout(10_000);
  for (;;) {
    const answer = await fetch(`${url}/api/v1/calls?tool=echo`, {
      headers: { authorization: `Bearer ${token}` },
      signal,
    });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    const { items } = (await answer.json()) as Page;
    const found = items.find((item) => JSON.stringify(item.arguments).includes(text));
    if (found) return found;
  }
}
