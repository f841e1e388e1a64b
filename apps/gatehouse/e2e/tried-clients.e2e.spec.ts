import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { startGate, type LabGate } from './client-lab/gate.js';
import { REAL_CLIENTS } from './real-clients/all.js';
import { Bench } from './real-clients/bench.js';
import { startFakeModel } from './real-clients/fake-model.js';
import type { RealClient } from './real-clients/real-client.js';
import { Seen } from './real-clients/seen.js';
import { readTried, Tried, writeTried } from './real-clients/tried.js';

jest.setTimeout(180_000);

const TOKEN_SECONDS = 5;
/** Of the edge, towards clocks that differ. */
const TOLERANCE_SECONDS = 5;
const isAll = process.env['CLIENTS'] === 'all';
const chosen = REAL_CLIENTS.filter(({ always }) => always || isAll);
const tried = new Tried();

describe.each(chosen)('$name', (client: RealClient) => {
  const seen = new Seen();
  let gate: LabGate;
  let model: Server;
  let bench: Bench;
  let signedIn = 0;
  const benches: Bench[] = [];
  const newBench = async () => {
    const { port } = model.address() as AddressInfo;
    const made = await Bench.at(gate.mcp, client.environment?.(`http://127.0.0.1:${port}`));
    benches.push(made);
    return made;
  };
  beforeAll(async () => {
    model = await startFakeModel();
    const environment = { AUTH_ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS) };
    gate = await startGate({ environment, watch: seen.watch });
    bench = await newBench();
  });
  afterAll(async () => {
    await Promise.all(benches.map((each) => each.clear()));
    await gate.stop();
    model.close();
  });
  beforeEach(() => seen.forget());

  it('signs in', async () => {
    await client.signIn(bench);
    expectSeen('authorization_code');
    signedIn = Date.now();
    tried.registered(client, seen.has('POST /register', 201) ? 'RFC 7591' : 'metadata document');
    tried.pass(client, 'sign-in');
  });

  it('lists the tools and calls one', async () => {
    await client.callTool(bench);
    expectSeen('tools/list');
    expectSeen('tools/call');
    tried.pass(client, 'list and call');
  });

  it(`${client.stepUp} when a call needs more`, async () => {
    const other = await newBench();
    await other.grantOnly('mcp:read');
    await client.signIn(other);
    await client.callTool(other).catch(() => undefined); // what it did about it is asked of the gate
    expectSeen('tools/call', 403);
    if (client.stepUp === 'signs in again') expectSeen('tools/call');
    else expect(seen.toString()).not.toContain('tools/call 200');
    tried.pass(client, 'step-up');
  });

  it('stays signed in when its token has run out', async () => {
    const runsOut = signedIn + (TOKEN_SECONDS + TOLERANCE_SECONDS) * 1_000;
    await once(AbortSignal.timeout(Math.max(runsOut - Date.now(), 0)), 'abort'); // nothing else tells of it
    await client.callTool(bench);
    expectSeen('refresh_token');
    expectSeen('tools/call');
    expect(seen.toString()).not.toContain('authorization_code');
    tried.pass(client, 'refresh');
  });

  function expectSeen(what: string, status?: number): void {
    if (!seen.has(what, status)) throw new Error(`no ${what} ${status ?? 200}, but: ${seen.toString()}`);
  }
});

it('all fared as docs/clients.md says', async () => {
  const before = await readTried();
  const rows = tried.rows(chosen);
  if (isAll) await writeTried(rows);
  for (const row of rows) expect(before).toContain(row);
});
