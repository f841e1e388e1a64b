/**
 * `node tools/bench/sign-in.mjs [count] [concurrency]`: sign-ins over three auth processes behind a proxy that gives
 * every request to the next. Starts a whole installation of its own; build first. Prints one line of JSON, and ends
 * with 1 if a sign-in failed or p95 is 250 ms or more.
 *
 * `first`: milliseconds from the authorization request to the tokens, as a client in the same machine sees it: sign-in
 * page, password (argon2id), approval page, code, token request; nobody thinks in between. `again`: later in the same
 * browser, without a page. Registrations, refreshes, and calls at the edge are made, and not timed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { discover, loadSignIns, quantile } = await import(join(ROOT, 'libs/testing/dist/index.js'));

const LIMIT_MS = 250;
const [count = 1_000, concurrency = 1] = process.argv.slice(2).map(Number);
const ADMIN = { email: 'admin@example.com', password: 'correct horse battery staple' };

const data = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
const child = spawn(process.execPath, [join(ROOT, 'tools/dev/dist/main.js')], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    ...process.env,
    DEV_AUTH_REPLICAS: '3',
    GATEHOUSE_DATA: data,
    GATEHOUSE_PORT: process.env.GATEHOUSE_PORT ?? '18321',
    GATEHOUSE_ADMIN_EMAIL: ADMIN.email,
    GATEHOUSE_ADMIN_PASSWORD: ADMIN.password,
  },
});
try {
  const { mcp } = await readyLine();
  const started = Date.now();
  const metadata = await discover(mcp);
  const times = await loadSignIns({ metadata, resource: mcp, person: ADMIN, count, concurrency });
  const seconds = Math.round((Date.now() - started) / 1_000);
  for (const failure of new Set(times.failures)) console.error(failure);
  const failed = times.failures.length;
  console.log(JSON.stringify({ count, concurrency, seconds, failed, ...figures(times) }));
  if (failed > 0 || quantile(times.first, 0.95) >= LIMIT_MS) process.exitCode = 1;
} finally {
  child.kill('SIGINT');
  await once(child, 'exit');
  await rm(data, { recursive: true, force: true });
}

async function readyLine() {
  for await (const line of createInterface({ input: child.stdout }))
    if (line.startsWith('{"ready":true')) return JSON.parse(line);
  throw new Error('the installation ended before it was ready');
}

function figures(times) {
  const of = (values) =>
    Object.fromEntries(
      [0.5, 0.95, 0.99].map((share) => [`p${share * 100}`, Math.round(quantile(values, share))]),
    );
  return { first: of(times.first), again: of(times.again) };
}
