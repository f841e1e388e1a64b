import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { run } from './command-line.js';
import { ADMIN, Installation, ROOT, SHAPES, type ReadyLine } from './shape.js';

const CLIENTS = join(ROOT, 'tools/clients/node_modules');
/** The Inspector wants a newer Node than we do. */
const NODE_24 = join(CLIENTS, `node-linux-${process.arch}/bin/node`);
const BROWSER = join(ROOT, 'apps/gatehouse/e2e/chromium.mjs');
const INSPECTOR = join(CLIENTS, '@modelcontextprotocol/inspector/clients/launcher/build/index.js');
const LIMIT_MS = 120_000;

describe.each(SHAPES)('real clients sign in by themselves and call a tool, %s', (shape) => {
  let gate: Installation & ReadyLine;
  let home: string;
  beforeAll(async () => {
    gate = await Installation.start(shape);
    home = await mkdtemp(join(tmpdir(), 'gatehouse-home-'));
  });
  afterAll(async () => {
    await gate.stop();
    await rm(home, { recursive: true, force: true });
  });

  const environment = () => ({
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    BROWSER,
    E2E_EMAIL: ADMIN.email,
    E2E_PASSWORD: ADMIN.password,
    MCP_AUTO_OPEN_ENABLED: 'true',
    MCP_INSPECTOR_SECRET_STORE: 'file',
  });

  it('MCP Inspector', async () => {
    const call = [
      '--method',
      'tools/call',
      '--tool-name',
      'echo',
      '--tool-arg',
      'message=from-the-inspector',
    ];
    const args = ['--cli', gate.mcp, '--transport', 'http', '--format', 'json', ...call];
    const result = await run(NODE_24, [INSPECTOR, ...args], { env: environment(), timeoutMs: LIMIT_MS });
    expect(result).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('from-the-inspector') as string,
    });
  });

  it('mcp-remote, between a client that speaks stdio only and the gate', async () => {
    const client = new Client({ name: 'e2e', version: '1.0.0' });
    const args = [join(CLIENTS, 'mcp-remote/dist/proxy.js'), gate.mcp];
    await client.connect(
      new StdioClientTransport({ command: NODE_24, args, env: environment(), stderr: 'ignore' }),
      {
        timeout: LIMIT_MS,
      },
    );
    const result = await client.callTool({ name: 'echo', arguments: { message: 'from-mcp-remote' } });
    expect(JSON.stringify(result.content)).toContain('from-mcp-remote');
    await client.close();
  });
});
