import { jest } from '@jest/globals';
import { startGate, type LabGate } from './client-lab/gate.js';
import { REAL_CLIENTS } from './real-clients/all.js';
import { Bench } from './real-clients/bench.js';
import type { RealClient } from './real-clients/real-client.js';
import { Seen } from './real-clients/seen.js';

jest.setTimeout(180_000);

const TOKEN_SECONDS = 5;
const chosen = REAL_CLIENTS.filter(({ always }) => always || process.env['CLIENTS'] === 'all');

describe.each(chosen)('$name', (client: RealClient) => {
  const seen = new Seen();
  let gate: LabGate;
  let bench: Bench;
  beforeAll(async () => {
    const environment = { AUTH_ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS) };
    gate = await startGate({ environment, watch: seen.watch });
    bench = await Bench.at(gate.mcp, client.environment?.(''));
  });
  afterAll(async () => {
    await bench.clear();
    await gate.stop();
  });
  beforeEach(() => seen.forget());

  it('signs in', async () => {
    await client.signIn(bench);
    expectSeen('authorization_code');
  });

  it('lists tools', async () => {
    await client.listTools(bench);
    expectSeen('tools/list');
  });

  it('calls a tool', async () => {
    await client.callTool(bench);
    expectSeen('tools/call');
  });

  it('stays signed in when its token has run out', async () => {
    await new Promise((resolve) => setTimeout(resolve, TOKEN_SECONDS * 1_000)); // there is only the clock to wait for
    await client.listTools(bench);
    expectSeen('refresh_token');
    expectSeen('tools/list');
    expect(seen.has('authorization_code')).toBe(false);
  });

  if (client.stepUp !== 'no')
    it(`${client.stepUp} when a call needs more`, async () => {
      const other = await Bench.at(gate.mcp, client.environment?.(''));
      await client.signIn(other, 'mcp:read');
      await client.callTool(other).catch(() => undefined);
      expectSeen('tools/call', 403);
      expect(seen.has('tools/call')).toBe(client.stepUp === 'signs in again');
      await other.clear();
    });

  function expectSeen(what: string, status?: number): void {
    if (!seen.has(what, status)) throw new Error(`no ${what} ${status ?? 200}, but: ${seen.toString()}`);
  }
});
