import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './command-line.js';
import { ADMIN, Installation, ROOT, SHAPES, type ReadyLine } from './shape.js';

const CLIENTS = join(ROOT, 'tools/clients/node_modules');
/** The Inspector wants a newer Node than we do. */
const NODE_24 = join(CLIENTS, `node-linux-${process.arch}/bin/node`);
const BROWSER = join(ROOT, 'apps/gatehouse/e2e/chromium.mjs');
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

  function client(script: string, args: readonly string[]) {
    const env = { HOME: home, BROWSER, E2E_EMAIL: ADMIN.email, E2E_PASSWORD: ADMIN.password };
    const more = { MCP_AUTO_OPEN_ENABLED: 'true', MCP_INSPECTOR_SECRET_STORE: 'file' };
    return run(NODE_24, [join(CLIENTS, script), ...args], { env: { ...env, ...more }, timeoutMs: LIMIT_MS });
  }

  it(
    'MCP Inspector',
    async () => {
      const call = [
        '--method',
        'tools/call',
        '--tool-name',
        'echo',
        '--tool-arg',
        'message=from-the-inspector',
      ];
      const args = ['--cli', gate.mcp, '--transport', 'http', '--format', 'json', ...call];
      const result = await client('@modelcontextprotocol/inspector/clients/launcher/build/index.js', args);
      expect(result).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('from-the-inspector') as string,
      });
    },
    LIMIT_MS,
  );

  it(
    'mcp-remote',
    async () => {
      const result = await client('mcp-remote/dist/client.js', [gate.mcp]);
      expect(result).toMatchObject({ code: 0 });
      expect(result.stdout + result.stderr).toContain('"echo"');
    },
    LIMIT_MS,
  );
});
