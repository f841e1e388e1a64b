import { hash } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { EdgeRig, PUBLIC_URL, serverEntry, toolCall } from '../../test/edge-rig.js';

describe('a request that is not let on', () => {
  let rig: EdgeRig;
  let before: number;
  beforeAll(async () => {
    rig = await EdgeRig.start();
  });
  beforeEach(() => (before = rig.upstream.seen.length));
  afterEach(() => expect(rig.upstream.seen.length).toBe(before));
  afterAll(() => rig.stop());

  it('answers 404, and nothing else, for a server that does not exist', async () => {
    const token = 'gatehouse_pat_good';
    rig.opaque.set(hash('sha256', token, 'base64url'), { subject: 'ada', tenant: 'demo' });
    const answer = await rig.post(toolCall(), { token, path: '/demo/mcp/nothing/server' });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      id: 1,
      error: { code: -31404, message: 'There is no such MCP server.' },
    });
  });

  it.each([
    '/demo/mcp/tools/server/',
    '//demo/mcp/tools/server',
    '/demo/mcp/tools/ser%76er',
    '/Demo/mcp/tools/server',
    '/demo/mcp/tools/server;x',
  ])('knows no other spelling of an address: %s', async (path) => {
    expect((await rig.post(toolCall(), { path })).status).toBe(404);
  });

  it.each([
    ['not JSON', 'no json', 400],
    ['an array', JSON.stringify([toolCall()]), 400],
    [
      'repeated keys',
      '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{"name":"echo"}}',
      400,
    ],
    [
      'keys repeated deep inside',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"a":{"b":1,"b":2}}}}',
      400,
    ],
    ['no version', '{"id":1,"method":"ping"}', 400],
    ['a null id', '{"jsonrpc":"2.0","id":null,"method":"ping"}', 400],
    [
      'two documents',
      '{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0","id":2,"method":"ping"}',
      400,
    ],
    ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]).toString('latin1'), 400],
  ])('refuses a body that is %s, as a JSON-RPC error', async (_, body, status) => {
    const answer = await rig.post(body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({
      jsonrpc: '2.0',
      error: { code: expect.any(Number) as number },
    });
  });

  it('refuses a call without an id: a server may run it all the same, and there would be no record', async () => {
    const { method, params } = toolCall();
    const answer = await rig.post({ jsonrpc: '2.0', method, params });
    expect(answer.status).toBe(400);
  });

  it('lets no notification through to a server that the caller may not use', async () => {
    const notice = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
    const answer = await rig.post(notice, { token: await rig.token({ teams: [] }) });
    expect(await answer.json()).toMatchObject({ error: { code: -31403 } });
  });

  it.each(['GET', 'DELETE'])('%s of a server that the caller may not use finds nothing', async (method) => {
    const authorization = `Bearer ${await rig.token({ teams: [] })}`;
    const headers = { authorization, accept: 'text/event-stream' };
    const answer = await fetch(`${rig.origin}/demo/mcp/tools/server`, { method, headers });
    expect(answer.status).toBe(404);
  });

  it('tells nothing of a bug but that there is one', async () => {
    const { tools } = rig.snapshot.servers;
    rig.snapshot.servers['tools'] = { ...serverEntry('tools', 'ftp://127.0.0.1/'), name: 'tools' };
    await rig.publish();
    const answer = await rig.post(toolCall());
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: { code: -32603, message: 'Something went wrong in Gatehouse. It has been logged.' },
    });
    if (tools) rig.snapshot.servers['tools'] = tools;
    await rig.publish();
  });

  it('records who asked for a server that does not exist', async () => {
    const token = await rig.token({ aud: `${PUBLIC_URL}/demo/mcp/absent/server` });
    expect((await rig.post(toolCall(), { token, path: '/demo/mcp/absent/server' })).status).toBe(404);
    expect(await rig.recorded(({ server }) => server === 'absent')).toMatchObject({
      status: 'denied',
      subject: { id: 'person-1' },
    });
  });

  it.each(['http://127.0.0.2', 'http://2130706434', 'http://0x7f.2', 'http://[::1]', 'http://localhost'])(
    'opens no connection to an address that is not opened: %s',
    async (origin) => {
      const closed = await EdgeRig.start({ env: { GATEHOUSE_ALLOW_PRIVATE: '127.0.0.1:1' } });
      let connections = 0;
      const server = createServer((socket) => (connections++, socket.destroy()));
      await new Promise<void>((resolve) => server.listen(0, '::', resolve));
      const { port } = server.address() as AddressInfo;
      closed.snapshot.servers['tools'] = serverEntry('tools', `${origin}:${port}/mcp`);
      await closed.publish();
      expect((await closed.post(toolCall())).status).toBe(502);
      expect(connections).toBe(0);
      await closed.stop();
      await new Promise((resolve) => server.close(resolve));
    },
  );

  it('refuses a body over the limit', async () => {
    const large = await rig.post(toolCall('echo', { text: 'x'.repeat(4 * 1024 * 1024) }));
    expect(large.status).toBe(413);
  });

  it.each([
    ['text/plain', { 'content-type': 'text/plain' }, 415],
    ['JSON in another encoding', { 'content-type': 'application/json; charset=utf-7' }, 415],
    ['a compressed body', { 'content-encoding': 'gzip' }, 415],
    ['an answer as JSON only', { accept: 'application/json' }, 406],
    ['an answer as a page', { accept: 'text/html' }, 406],
    ['a page of another site', { origin: 'https://evil.example' }, 403],
    ['a page without an origin', { origin: 'null' }, 403],
  ])('refuses %s', async (_, headers, status) => {
    expect((await rig.post(toolCall(), { headers })).status).toBe(status);
  });

  it('refuses headers that say something else than the body', async () => {
    const answer = await rig.post(toolCall('echo'), {
      headers: { 'mcp-method': 'tools/call', 'mcp-name': 'other' },
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: -32020 } });
  });

  it('denies what no grant covers over HTTP 200, since clients take 403 as "sign in again"', async () => {
    const answer = await rig.post(toolCall('echo', {}, 'mine'), { token: await rig.token({ teams: [] }) });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: 'mine', error: { code: -31403 } });
    const record = await rig.recorded(({ status, server }) => status === 'denied' && server === 'tools');
    expect(record).toMatchObject({
      decision: { effect: 'deny', rule: 'default-deny' },
      error: { code: -31403 },
    });
  });

  it('asks for the scope that a call needs', async () => {
    const answer = await rig.post(toolCall(), { token: await rig.token({ scope: 'mcp:read' }) });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  });

  it('names the header, the place and the fault in x-tfy-mcp-headers', async () => {
    const answer = await rig.post(toolCall(), {
      headers: { 'x-tfy-mcp-headers': '{"tools":{"Authorization":"Bearer mine"}}' },
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('x-tfy-mcp-headers: tools.authorization');
  });
});
