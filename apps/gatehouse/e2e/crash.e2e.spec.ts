import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signInHeadless } from '@gatehouse/testing';
import { gatehouse } from './command-line.js';
import { beginSession, Load, post, SLOW_TOOL, slowCall } from './load.js';
import { ADMIN, Installation, removeFolder, SHAPES, type ReadyLine, type Shape } from './shape.js';

const CALLS_PER_SECOND = 20;
const RECOVERY_LIMIT_MS = 10_000;
const RESTART_LIMIT_MS = 15_000;
const OPTIONS = { env: { POLICY_CALLS_PER_MINUTE: '100000' } };

async function makeToken(url: string): Promise<string> {
  const args = ['token', 'create', '--name', 'load', '--json', '--email', ADMIN.email];
  const made = await gatehouse([...args, '--password', ADMIN.password], { GATEHOUSE_URL: url });
  return (JSON.parse(made.stdout) as { token: string }).token;
}

type Installed = Installation & ReadyLine;
type SignedIn = Awaited<ReturnType<typeof signInHeadless>>;

/** What was good before is good after: the access token as long as it lives, and the refresh token. */
async function expectStillSignedIn(gate: Installed, before: SignedIn): Promise<SignedIn> {
  await expect(beginSession(gate.mcp, before.access_token)).resolves.toEqual(expect.any(String));
  const after = await before.client.refresh(before.refresh_token);
  await expect(beginSession(gate.mcp, after.access_token)).resolves.toEqual(expect.any(String));
  return { ...before, ...after };
}

interface CallPage {
  readonly items: readonly { arguments: { message?: string }; status: string }[];
  readonly next: string | null;
}

/** Statuses of the records of each text: more than one would be a record that is there twice. */
async function recorded(url: string, token: string, tool = 'echo'): Promise<Map<string, string[]>> {
  const statuses = new Map<string, string[]>();
  let cursor: string | null = '';
  while (cursor !== null) {
    const query = new URLSearchParams({ tool, limit: '200', ...(cursor && { cursor }) });
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${url}/api/v1/calls?${query.toString()}`, { headers });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    const page = (await response.json()) as CallPage;
    for (const {
      arguments: { message = '' },
      status,
    } of page.items)
      statuses.set(message, [...(statuses.get(message) ?? []), status]);
    cursor = page.next;
  }
  return statuses;
}

/** Every call that was answered has one record; waits for the last ones to be shipped. A kill may have taken how it ended. */
async function expectNoneLost(gate: Installed, token: string, load: Load) {
  const limit = AbortSignal.timeout(RECOVERY_LIMIT_MS);
  let records = await recorded(gate.url, token);
  while (![...load.answered].every((text) => records.has(text)) && !limit.aborted)
    records = await recorded(gate.url, token);
  expect(
    [...load.answered].filter((text) => !/^(ok|unknown)$/.test(records.get(text)?.join() ?? '')),
  ).toEqual([]);
  expect([...records].filter(([, statuses]) => statuses.length > 1)).toEqual([]);
}

function expectNoneTurnedAway(load: Load): void {
  expect(load.refused.filter(({ status }) => ![502, 503].includes(status))).toEqual([]);
}

/** Kills the database that the installation started, as the kernel does when memory runs out. */
async function killPostgres(gate: Installed): Promise<void> {
  const file = join(gate.data, 'postgres/data/postmaster.pid');
  process.kill(Number((await readFile(file, 'utf8')).split('\n')[0]), 'SIGKILL');
}

/** Resolves when an administrator is answered: by the console, auth, audit and what lies between and below them. */
async function untilAnswering(gate: Installed, token: string): Promise<void> {
  const signal = AbortSignal.timeout(RECOVERY_LIMIT_MS);
  const headers = { authorization: `Bearer ${token}` };
  for (;;) {
    const answer = await fetch(`${gate.url}/api/v1/calls?limit=1`, { headers, signal });
    await answer.body?.cancel();
    if (answer.ok) return;
    expect(answer.status).toBe(503);
  }
}

async function start(shape: Shape) {
  const gate = await Installation.start(shape, OPTIONS);
  const token = await makeToken(gate.url);
  const signedIn = await signInHeadless({ resource: gate.mcp, ...ADMIN });
  return { gate, token, signedIn };
}

describe('all in one', () => {
  let gate: Installed;
  let token: string;
  let signedIn: SignedIn;
  let load: Load;
  beforeEach(async () => {
    ({ gate, token, signedIn } = await start('all-in-one'));
    load = new Load(gate.mcp, token, CALLS_PER_SECOND);
    await load.answers(20, RECOVERY_LIMIT_MS);
  });
  afterEach(async () => {
    await load.stop();
    await gate.stop();
  });

  it('loses no record and signs nobody out when it is killed again and again', async () => {
    for (let round = 0; round < 3; round++) {
      await load.answers(20 + Math.ceil(Math.random() * 20), RESTART_LIMIT_MS);
      await slowCall(gate, token); // will be under way
      await gate.kill();
      const begun = performance.now();
      gate = await Installation.start('all-in-one', { ...OPTIONS, data: gate.data, port: gate.port });
      expect(performance.now() - begun).toBeLessThan(RESTART_LIMIT_MS);
      signedIn = await expectStillSignedIn(gate, signedIn);
    }
    await load.answers(20, RECOVERY_LIMIT_MS);
    await load.stop();
    expectNoneTurnedAway(load);
    await expectNoneLost(gate, token, load);
    const underWay = await recorded(gate.url, token, SLOW_TOOL);
    expect([...underWay.values()].flat()).toEqual(['unknown', 'unknown', 'unknown']);
  });

  it('starts its database again when that is killed', async () => {
    await killPostgres(gate);
    await gate.printed(/the embedded Postgres runs again/, RECOVERY_LIMIT_MS);
    await untilAnswering(gate, token);
    await expectStillSignedIn(gate, signedIn);
    await load.stop();
    expect(load.refused).toEqual([]);
    await expectNoneLost(gate, token, load);
  });

  it('lets a call finish when it is asked to end, and says at once that it is not ready', async () => {
    const slow = await slowCall(gate, token);
    const begun = performance.now();
    gate.terminate();
    await gate.printed(/SIGTERM: finishing/, 2_000);
    const answer = await fetch(`${gate.url}/readyz`);
    expect([answer.status, await answer.text()]).toEqual([503, 'draining\n']);
    expect(await slow.rest()).toContain('completed');
    expect(await gate.ended()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(30_000);
  });
});

it.each(SHAPES)('ends in order, with its database, when its terminal is closed: %s', async (shape) => {
  const gate = await Installation.start(shape);
  const postmaster = join(gate.data, 'postgres/data/postmaster.pid');
  expect(existsSync(postmaster)).toBe(true);
  gate.terminate('SIGHUP');
  expect(await gate.ended()).toBe(0);
  expect(existsSync(postmaster)).toBe(false);
  await removeFolder(gate.data);
});

/** The edge last: only its own death may be felt by calls that are warm. */
const IN_TURN = ['nats', 'audit', 'auth', 'vault', 'policy', 'console', 'edge'] as const;

describe('processes', () => {
  /** Tokens that the edge meets while something is down. */
  const unseen = new Map<string, string>();
  let gate: Installed;
  let token: string;
  let signedIn: SignedIn;
  let load: Load;
  beforeAll(async () => {
    ({ gate, token, signedIn } = await start('processes'));
    // made before the calls begin, for when some access ends the edge asks for every caller anew
    for (const name of IN_TURN) unseen.set(name, await makeToken(gate.url));
    load = new Load(gate.mcp, token, CALLS_PER_SECOND);
    await load.answers(20, RECOVERY_LIMIT_MS);
  });
  afterAll(async () => {
    await load.stop();
    await gate.stop();
  });

  it.each(IN_TURN)('recovers by itself when %s is killed, and signs nobody out', async (name) => {
    const refused = load.refused.length;
    const printed = gate.output.length;
    process.kill(gate.pids?.[name] ?? 0, 'SIGKILL');
    const admitted = untilAdmitted(gate, unseen.get(name) ?? '');
    const again = name === 'nats' ? /nats: ended/ : new RegExp(`${name}: ready`);
    await gate.printed(again, RECOVERY_LIMIT_MS, printed);
    await untilAnswering(gate, token);
    await admitted;
    await load.answers(20, RECOVERY_LIMIT_MS);
    signedIn = await expectStillSignedIn(gate, signedIn);
    if (name === 'vault') await expectColdLease(gate);
    expectNoneTurnedAway(load);
    if (name !== 'edge') expect(load.refused.slice(refused)).toEqual([]);
  });

  it('starts the database again when that is killed', async () => {
    const printed = gate.output.length;
    await killPostgres(gate);
    await gate.printed(/the embedded Postgres runs again/, RECOVERY_LIMIT_MS, printed);
    await untilAnswering(gate, token);
    signedIn = await expectStillSignedIn(gate, signedIn);
    expectNoneTurnedAway(load);
  });

  it('has the record of every answered call, and none twice', async () => {
    await load.stop();
    await expectNoneLost(gate, token, load);
    expect(load.sessions).toBe(1);
  });
});

/** Presents a token that the edge has never seen, until it is let in: our own trouble is 503, never 401. */
async function untilAdmitted(gate: Installed, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const signal = AbortSignal.timeout(RECOVERY_LIMIT_MS);
  for (;;) {
    // who calls is looked at before all else, so that this form fault is told to good callers only
    const answer = await fetch(gate.mcp, { method: 'POST', headers, signal });
    await answer.body?.cancel();
    if (answer.status !== 503) return expect(answer.status).toBe(415);
  }
}

/** A call that needs a credential which this edge has not leased yet. */
async function expectColdLease(gate: Installed): Promise<void> {
  const resource = `${gate.url}/demo/mcp/keyed/server`;
  const { access_token } = await signInHeadless({ resource, ...ADMIN });
  const call = { id: 1, method: 'tools/list', params: {} };
  expect(await post(resource, access_token, call)).toMatchObject({ status: 200 });
}
