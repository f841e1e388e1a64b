import { EdgeRig, PUBLIC_URL, toolCall } from '../test/edge-rig.js';

const path = '/demo/mcp/keyed/server';

describe('a lease', () => {
  let rig: EdgeRig;
  beforeEach(async () => {
    rig = await EdgeRig.start();
  });
  afterEach(() => rig.stop());
  const token = (sub: string) => rig.token({ aud: PUBLIC_URL + path, sub });

  it('that the vault refuses to one caller is asked for again by the next', async () => {
    const [bad, good] = [await token('eve'), await token('ada')];
    rig.refusedByVault.add(bad);
    let free: () => void = () => undefined;
    rig.vaultFree = new Promise((resolve) => (free = resolve));
    const asked = rig.leaseAsked();
    const first = rig.post(toolCall(), { path, token: bad });
    await asked;
    const second = rig.post(toolCall(), { path, token: good });
    await rig.post(toolCall()); // by now the second waits as well
    free();
    expect([(await first).status, (await second).status]).toEqual([403, 200]);
  });

  it('is asked for once by callers who come together', async () => {
    const tokens = await Promise.all(['a', 'b', 'c', 'd'].map(token));
    const answers = await Promise.all(tokens.map((each) => rig.post(toolCall(), { path, token: each })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(rig.leases).toHaveLength(1);
  });
});
