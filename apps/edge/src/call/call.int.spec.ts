import { EdgeRig, toolCall } from '../../test/edge-rig.js';

describe('a tool call', () => {
  let rig: EdgeRig;
  beforeAll(async () => {
    rig = await EdgeRig.start();
  });
  afterAll(() => rig.stop());

  it('reaches the upstream as the bytes that were judged, and its answer comes back', async () => {
    const message =
      '{"jsonrpc":"2.0", "id":9007199254740993,"method":"tools/call","params":{"name":"echo","arguments":{"n":1.0}}}';
    const answer = await rig.post(message);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('"id":9007199254740993');
    expect(rig.upstream.seen.at(-1)?.body).toBe(message);
  });

  it('leaves a record that says who did what', async () => {
    await (await rig.post(toolCall('echo', { text: 'for the record' }))).text();
    const record = await rig.recorded(({ arguments: given }) =>
      JSON.stringify(given).includes('for the record'),
    );
    expect(record).toMatchObject({
      tenant: 'demo',
      server: 'tools',
      method: 'tools/call',
      tool: 'echo',
      arguments: { text: 'for the record' },
      result: { content: [{ type: 'text', text: 'done' }] },
      status: 'ok',
      subject: { type: 'user', id: 'person-1', name: 'ada@example.com' },
      decision: { effect: 'permit', rule: 'grant-dev', policyVersion: 1 },
    });
  });

  it('puts the vault’s credential on, and nothing of the client’s own', async () => {
    const token = await rig.token({ aud: 'http://gate.test/demo/mcp/keyed/server' });
    const path = '/demo/mcp/keyed/server';
    await (
      await rig.post(toolCall(), { path, token, headers: { cookie: 'a=b', 'x-api-key': 'mine' } })
    ).text();
    const { headers } = rig.upstream.seen.at(-1)?.request ?? {};
    expect(headers?.authorization).toBe('Bearer upstream-secret-1');
    expect(headers).not.toHaveProperty('cookie');
    expect(headers).not.toHaveProperty('x-api-key');
  });

  it('that was good at one server is not good at another, though its token is known by now', async () => {
    const token = await rig.token();
    expect((await rig.post(toolCall(), { token })).status).toBe(200);
    expect((await rig.post(toolCall(), { token, path: '/demo/mcp/keyed/server' })).status).toBe(401);
  });
});
