import { hash } from 'node:crypto';
import { EdgeRig, toolCall } from '../../test/edge-rig.js';

const WINDOW_SECONDS = 15 * 60;
const TRIES = 1_200;

describe('whoever tries one key after another', () => {
  let rig: EdgeRig;
  const statuses = new Map<number, number>();
  let last: Response;
  const good = 'gatehouse_pat_good';

  beforeAll(async () => {
    rig = await EdgeRig.start();
    rig.opaque.set(hash('sha256', good, 'base64url'), { subject: 'ada', tenant: 'demo' });
    for (let tried = 0; tried < TRIES; tried++) {
      last = await rig.post(toolCall(), { token: `gatehouse_sat_${tried}` });
      statuses.set(last.status, (statuses.get(last.status) ?? 0) + 1);
      await last.arrayBuffer();
    }
  }, 60_000);
  afterAll(() => rig.stop());

  it('finds none, and is told to wait', () => {
    expect(statuses).toEqual(
      new Map([
        [401, 1_000],
        [429, TRIES - 1_000],
      ]),
    );
    const wait = Number(last.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(WINDOW_SECONDS);
    expect(rig.upstream.seen).toEqual([]);
  });

  it('keeps nobody with a good key at the same address from calling', async () => {
    expect((await rig.post(toolCall(), { token: good })).status).toBe(200);
  });

  it('keeps no client from hearing that its access token has expired', async () => {
    const now = Math.floor(Date.now() / 1_000);
    const token = await rig.token({ iat: now - 700, exp: now - 100 });
    expect((await rig.post(toolCall(), { token })).status).toBe(401);
  });
});
