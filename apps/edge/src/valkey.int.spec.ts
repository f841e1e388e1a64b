import { EdgeRig, toolCall } from '../test/edge-rig.js';
import { ValkeyServer } from '../test/valkey.js';

const LIMIT = { id: 'calls', per: 'subject', calls: 60, windowSeconds: 300 } as const;

/** The statuses of so many calls of one person, sent at once. */
async function callAtOnce(rigs: readonly EdgeRig[], person: string, calls: number): Promise<number[]> {
  const tokens = await Promise.all(rigs.map((rig) => rig.token({ sub: person })));
  const sent = Array.from({ length: calls }, async (_, index) => {
    const at = index % rigs.length;
    const answer = await (rigs[at] as EdgeRig).post(toolCall(), { token: tokens[at] as string });
    await answer.body?.cancel();
    return answer.status;
  });
  return Promise.all(sent);
}

const passed = (statuses: readonly number[]) => statuses.filter((status) => status === 200).length;

describe('two edges with one Valkey', () => {
  let valkey: ValkeyServer;
  let rigs: EdgeRig[];
  beforeAll(async () => {
    valkey = await ValkeyServer.start();
    const options = { env: { VALKEY_URL: valkey.url }, snapshot: { limits: [LIMIT] } };
    rigs = [await EdgeRig.start(options), await EdgeRig.start(options)];
  });
  afterAll(async () => {
    for (const rig of rigs) await rig.stop();
    await valkey.kill();
  });

  it('let 60 of 240 calls at once pass, when 60 are allowed', async () => {
    const statuses = await callAtOnce(rigs, 'person-1', 240);
    expect(Math.abs(passed(statuses) - 60)).toBeLessThanOrEqual(3);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
  });

  it('say when to come again', async () => {
    await callAtOnce(rigs, 'person-2', 60);
    const answer = await (rigs[0] as EdgeRig).post(toolCall(), {
      token: await (rigs[0] as EdgeRig).token({ sub: 'person-2' }),
    });
    expect(answer.status).toBe(429);
    const seconds = Number(answer.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(200);
    expect(seconds).toBeLessThanOrEqual(300);
  });

  it('go on while Valkey does not answer, each with its own count, and calls hardly wait', async () => {
    valkey.pause();
    const begun = performance.now();
    expect(await callAtOnce(rigs, 'person-3', 1)).toEqual([200]);
    expect(performance.now() - begun).toBeLessThan(500);
    expect(passed(await callAtOnce(rigs, 'person-3', 240))).toBe(119);
  });

  it('hand nobody a fresh allowance because Valkey does not answer', async () => {
    expect(passed(await callAtOnce(rigs, 'person-1', 20))).toBe(0);
  });

  it('go on when Valkey is gone, and count together again when it is back', async () => {
    await valkey.kill();
    expect(passed(await callAtOnce(rigs, 'person-4', 240))).toBe(120);
    valkey = await ValkeyServer.start(valkey.port);
    await untilTogether(rigs);
    expect(passed(await callAtOnce(rigs, 'person-5', 240))).toBe(60);
  });
});

/** Each edge comes back by itself, at the latest one second after Valkey. */
async function untilTogether(rigs: readonly EdgeRig[]): Promise<void> {
  for (let round = 0; ; round++) if (passed(await callAtOnce(rigs, `waiting-${round}`, 120)) === 60) return;
}
