import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OAuthClient, type ServerMetadata } from '@gatehouse/testing';
import { run } from './command-line.js';
import { ADMIN, freePort, Installation, ROOT, SHAPES } from './shape.js';

/** The suite wants a newer Node than we do. */
const NODE_24 = join(ROOT, `tools/clients/node_modules/node-linux-${process.arch}/bin/node`);
const SUITE = join(ROOT, 'tools/conformance/node_modules/@modelcontextprotocol/conformance/dist/index.js');
const BROWSER = join(ROOT, 'apps/gatehouse/e2e/chromium.mjs');
const SCENARIOS = 2;

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

it.each(SHAPES)("MCP's conformance suite finds no fault with the authorization server, %s", async (shape) => {
  const gate = await Installation.start(shape);
  const results = await mkdtemp(join(tmpdir(), 'gatehouse-conformance-'));
  try {
    const port = await freePort();
    const redirect_uris = [`http://127.0.0.1:${port}/callback`];
    const found = await fetch(`${gate.url}/.well-known/oauth-authorization-server`);
    const metadata = (await found.json()) as ServerMetadata;
    const { clientId } = await OAuthClient.register(metadata, { registration: { redirect_uris } });
    const suite = spawn(
      NODE_24,
      [
        ...[SUITE, 'authorization', '--url', gate.url, '--resource', gate.mcp],
        ...['--client-id', clientId, '--port', String(port), '-o', results],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    let opened: Promise<unknown> | undefined;
    suite.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [address] = /http\S+\/authorize\?\S+/.exec(said) ?? [];
      const env = { E2E_EMAIL: ADMIN.email, E2E_PASSWORD: ADMIN.password };
      if (address !== undefined) opened ??= run(BROWSER, [address], { env });
    });
    const [code] = (await once(suite, 'close')) as [number];
    await opened;
    const checks = await readChecks(results);
    expect(checks.filter(({ status }) => status !== 'SUCCESS' && status !== 'INFO')).toEqual([]);
    expect(checks.length).toBeGreaterThanOrEqual(SCENARIOS);
    expect(said).toMatch(/Total: \d+ passed, 0 failed/);
    expect(code).toBe(0);
  } finally {
    await gate.stop();
    await rm(results, { recursive: true });
  }
});

async function readChecks(folder: string): Promise<Check[]> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('checks.json'));
  const checks = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return checks.flatMap((text) => JSON.parse(text) as Check[]);
}
