import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { runCommand } from './run-command.js';

interface Heard {
  method: string | undefined;
  url: string | undefined;
  authorization: string | undefined;
  body: unknown;
}

describe('the command line', () => {
  const heard: Heard[] = [];
  let reply: { status: number; body: unknown } = { status: 200, body: {} };
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.once('end', () => {
      const { method, url, headers } = request;
      const body: unknown = text === '' ? null : JSON.parse(text);
      heard.push({ method, url, authorization: headers.authorization, body });
      response
        .writeHead(reply.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(reply.body));
    });
  });
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'));
  const environment = { ...process.env };
  let out = '';
  let err = '';

  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
    process.env = environment;
  });
  beforeEach(() => {
    heard.length = 0;
    out = err = '';
    process.env['GATEHOUSE_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    process.env['GATEHOUSE_TOKEN'] = 'gatehouse_pat_x';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  });
  afterEach(() => jest.restoreAllMocks());

  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it.each([
    [[]],
    [['dance']],
    [['token']],
    [['apply']],
    [['apply', '-f']],
    [['apply', '-f', '/nowhere.yaml']],
    [['apply', '--file', 'x', '--loudly']],
    [['doctor']],
    [['doctor', 'ftp://x']],
    [['doctor', 'http://x', '--email', 'a@x.test']],
    [['token', 'create']],
    [['token', 'create', '--name', 'x', '--days', 'many']],
    [['constructor']],
  ])('ends with 2 for bad usage: %j', async (argv) => {
    expect(await runCommand(argv)).toBe(2);
    expect(err).toMatch(/^gatehouse: .*\nSee `gatehouse --help`.\n$/s);
    expect(out).toBe('');
  });

  it('helps with the whole and with each command, and tells its version', async () => {
    expect(await runCommand(['--help'])).toBe(0);
    expect(out).toMatch(/start.*apply.*calls.*doctor.*token create/s);
    for (const command of [['apply'], ['calls'], ['doctor'], ['token', 'create']]) {
      out = '';
      expect(await runCommand([...command, '--help'])).toBe(0);
      expect(out).toContain(`Usage: gatehouse ${command.join(' ')}`);
    }
    out = '';
    expect(await runCommand(['--version'])).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('applies every manifest of a folder in one request, and prints the changes', async () => {
    file('a.yaml', 'name: a\n---\nname: b\n');
    file('b.json', '{"name":"c"}');
    file('notes.txt', 'not: [yaml');
    const changes = [
      { kind: 'team', name: 'a', action: 'update', diff: ['members: 1 -> 2'] },
      { kind: 'team', name: 'b', action: 'none', diff: [] },
    ];
    reply = { status: 200, body: { changes } };
    expect(await runCommand(['apply', '-f', folder, '--dry-run'])).toBe(0);
    expect(heard).toEqual([
      {
        method: 'POST',
        url: '/api/v1/apply?dryRun=true',
        authorization: 'Bearer gatehouse_pat_x',
        body: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
      },
    ]);
    expect(out).toBe('~ team a\n    members: 1 -> 2\n= team b\n');
    expect(err).toBe('dry run: nothing was changed\n');
  });

  it('ends with 1 and the server’s own words where it refuses', async () => {
    const detail = 'document 1: url: is missing';
    reply = { status: 422, body: { detail, code: 'policy.invalid_manifest' } };
    const path = file('c.yaml', 'name: c');
    expect(await runCommand(['apply', '-f', path])).toBe(1);
    expect(err).toBe(
      `gatehouse: refused with 422: ${detail} (policy.invalid_manifest)\n  document 1: ${path}\n`,
    );
  });

  it('names file and line of a manifest that cannot be read, and asks nobody', async () => {
    const path = file('d.yaml', 'name: d\nname: e\n');
    expect(await runCommand(['apply', '-f', path])).toBe(1);
    expect(err).toMatch(new RegExp(`^gatehouse: ${path}: .*unique at line 2`));
    expect(heard).toEqual([]);
  });

  it('says in one line that the server cannot be reached', async () => {
    const nobody = await closedAddress();
    process.env['GATEHOUSE_URL'] = nobody;
    expect(await runCommand(['calls'])).toBe(1);
    expect(err).toContain(`cannot reach ${nobody}: `);
    expect(err).toMatch(/^gatehouse: .*ECONNREFUSED.* Is Gatehouse running .*\n$/);
  });

  it('says how to get a token where there is none', async () => {
    delete process.env['GATEHOUSE_TOKEN'];
    expect(await runCommand(['calls'])).toBe(2);
    expect(err).toContain('gatehouse token create');
  });

  it('lists calls, and lets nobody’s text steer the terminal', async () => {
    const call = {
      id: '0193587a-0000-7000-8000-000000000000',
      time: '2026-11-24T08:00:00.123Z',
      tenant: 'demo',
      subject: { type: 'user', id: 'p1', name: 'jane@x.test', token: 't' },
      teams: [],
      client: { id: 'c', name: 'Cursor' },
      edge: 'e1',
      seq: 1,
      server: 'alpha',
      method: 'tools/call',
      tool: 'echo\u001b[2J',
      arguments: {},
      result: {},
      decision: { effect: 'permit', rule: 'r', policyVersion: 1 },
      credential: null,
      status: 'ok',
      error: null,
      isToolError: false,
      latencyMs: { total: 12.4, upstream: 10 },
      bytes: { in: 1, out: 1 },
      metadata: {},
      trace: '',
      protocol: '2025-11-25',
      ip: '127.0.0.1',
      previous: '',
      hash: '',
    };
    reply = { status: 200, body: { items: [call], next: null } };
    expect(await runCommand(['calls', '--server', 'alpha', '--limit', '5'])).toBe(0);
    expect(heard[0]?.url).toBe('/api/v1/calls?server=alpha&limit=5');
    expect(out).toMatch(
      /^TIME.*\n2026-11-24 08:00:00 {2}ok +jane@x.test {2}alpha +tools\/call echo\uFFFD\[2J +12 ms\n$/,
    );
  });

  it('has the doctor name the step that fails, and what to do', async () => {
    reply = { status: 200, body: {} };
    expect(await runCommand(['doctor', process.env['GATEHOUSE_URL'] ?? ''])).toBe(1);
    expect(out).toMatch(
      /^FAIL +1 +reach the URL.*expected: status 401.*came: +status 200.*do: +This server asks/s,
    );
    out = '';
    expect(await runCommand(['doctor', await closedAddress(), '--json'])).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      steps: [{ step: 1, ok: false, cure: expect.any(String) }],
    });
  });
});

/** Where nobody listens any more. */
async function closedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
