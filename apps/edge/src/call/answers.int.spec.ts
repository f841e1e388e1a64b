import { hash } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { accessEnded, credentialChanged } from '@gatehouse/contracts';
import { EdgeRig, serverEntry, toolCall } from '../../test/edge-rig.js';
import { answerJson } from '../../test/upstream.js';

const KEYED = '/demo/mcp/keyed/server';
const STREAM = { 'content-type': 'text/event-stream' };

describe('the answer to a call', () => {
  let rig: EdgeRig;
  const keyed = () => rig.token({ aud: `http://gate.test${KEYED}` });
  beforeAll(async () => {
    rig = await EdgeRig.start({ env: { EDGE_UPSTREAM_TIMEOUT_MS: '500' } });
  });
  beforeEach(() => (rig.upstream.answer = answerJson));
  afterAll(() => rig.stop());

  it('comes event by event, while the upstream is still at work', async () => {
    let upstream: ServerResponse | undefined;
    rig.upstream.answer = (_, response) => {
      upstream = response.writeHead(200, STREAM);
      upstream.write('data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}}\n\n');
    };
    const answer = await rig.post(toolCall());
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const first = await reader.read();
    expect(Buffer.from(first.value ?? []).toString()).toContain('"progress":1');
    upstream?.end('data: {"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":true}}\n\n');
    const second = await reader.read();
    expect(Buffer.from(second.value ?? []).toString()).toContain('"result"');
    const record = await rig.recorded(({ isToolError }) => isToolError);
    expect(record).toMatchObject({ status: 'error', result: { isError: true } });
  });

  it('ends at the upstream too, when the client goes away', async () => {
    let gone: Promise<unknown> | undefined;
    rig.upstream.answer = (_, response) => {
      gone = once(response, 'close');
      response.writeHead(200, STREAM).write(': begun\n\n');
    };
    const aborter = new AbortController();
    const token = await rig.token();
    const answer = await fetch(`${rig.origin}/demo/mcp/tools/server`, {
      method: 'POST',
      signal: aborter.signal,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify(toolCall('given-up')),
    });
    await answer.body?.getReader().read();
    aborter.abort();
    await gone;
    expect(await rig.recorded(({ tool }) => tool === 'given-up')).toMatchObject({ status: 'cancelled' });
  });

  it.each([
    ['is not there', (response: ServerResponse) => response.destroy(), 502],
    ['breaks', (response: ServerResponse) => response.writeHead(500).end('stack: at secret.js'), 502],
    [
      'redirects elsewhere',
      (response: ServerResponse) => response.writeHead(307, { location: 'http://10.0.0.1/' }).end(),
      502,
    ],
    ['refuses our credential', (response: ServerResponse) => response.writeHead(401).end(), 502],
    ['does not answer in time', () => undefined, 504],
  ])('says that the upstream %s, as its own error and never as ours', async (_, answer, status) => {
    rig.upstream.answer = (_request, response) => answer(response);
    const got = await rig.post(toolCall('echo', {}, 'req-7'));
    expect(got.status).toBe(status);
    const text = await got.text();
    expect(JSON.parse(text)).toMatchObject({ id: 'req-7', error: { code: expect.any(Number) as number } });
    expect(text).not.toContain('secret.js');
  });

  it('carries no header of the upstream that is not meant for the client', async () => {
    rig.upstream.answer = (_, response) =>
      response
        .writeHead(200, {
          'content-type': 'application/json',
          'set-cookie': 'a=b',
          location: '/x',
          'access-control-allow-origin': '*',
        })
        .end('{"jsonrpc":"2.0","id":1,"result":{}}');
    const { headers } = await rig.post(toolCall());
    for (const name of ['set-cookie', 'location', 'access-control-allow-origin'])
      expect(headers.get(name)).toBeNull();
  });

  it('never shows a credential in the record, even if the upstream repeats it', async () => {
    rig.upstream.answer = (request, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { seen: request.headers.authorization } }));
    await (await rig.post(toolCall('repeat'), { path: KEYED, token: await keyed() })).text();
    const record = await rig.recorded(({ tool }) => tool === 'repeat');
    expect(JSON.stringify(record)).not.toContain('upstream-secret-1');
    expect(record).toMatchObject({ credential: 'credential-1', result: { seen: '[secret]' } });
  });

  it('refuses a header of the caller that the credential puts on', async () => {
    for (const name of ['AUTHORIZATION', 'x-upstream-KEY']) {
      const headers = { 'x-tfy-mcp-headers': `{"keyed":{"${name}":"mine"}}` };
      const answer = await rig.post(toolCall(), { path: KEYED, token: await keyed(), headers });
      expect(answer.status).toBe(400);
    }
  });

  it('is recorded without a value that is too large to keep', async () => {
    const large = 'x'.repeat(64 * 1024);
    await (await rig.post(toolCall('large', { large }))).text();
    const record = await rig.recorded(({ tool }) => tool === 'large');
    expect(record.arguments).toEqual({ truncated: true, bytes: expect.any(Number) as number });
  });

  it('lists only the tools that the caller may use, as JSON and as a stream', async () => {
    const list =
      '{"jsonrpc":"2.0","id":5,"result":{"tools":[{"name":"echo","n":1.0},{"name":"drop"}],"x":9007199254740993}}';
    rig.snapshot.servers['tools'] = { ...serverEntry('tools', rig.upstream.url), disabledTools: ['drop'] };
    await rig.publish();
    rig.upstream.answer = (_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(list);
    const ask = { jsonrpc: '2.0', id: 5, method: 'tools/list' };
    const expected =
      '{"jsonrpc":"2.0","id":5,"result":{"tools":[{"name":"echo","n":1.0}],"x":9007199254740993}}';
    expect(await (await rig.post(ask)).text()).toBe(expected);
    rig.upstream.answer = (_, response) =>
      response.writeHead(200, STREAM).end(`event: message\nid: 3\ndata: ${list}\n\n`);
    expect(await (await rig.post(ask)).text()).toBe(`event: message\nid: 3\ndata: ${expected}\n\n`);
    const direct = await rig.post(toolCall('drop'));
    expect(await direct.json()).toMatchObject({ error: { code: -31403 } });
    rig.snapshot.servers['tools'] = serverEntry('tools', rig.upstream.url);
    await rig.publish();
  });

  describe('in a session', () => {
    const initialize = {
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    };
    let session: string;
    beforeAll(async () => {
      rig.upstream.answer = (_, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'upstream-session' })
          .end('{"jsonrpc":"2.0","id":0,"result":{}}');
      session = (await rig.post(initialize)).headers.get('mcp-session-id') ?? '';
    });

    it('gives the client another id than the upstream’s, which the upstream gets back as its own', async () => {
      expect(session).not.toContain('upstream-session');
      await (await rig.post(toolCall(), { headers: { 'mcp-session-id': session } })).text();
      expect(rig.upstream.seen.at(-1)?.request.headers['mcp-session-id']).toBe('upstream-session');
    });

    it('is 404 for another person, another client, another server and a forged id, for every method', async () => {
      const before = rig.upstream.seen.length;
      const strangers = [
        { token: await rig.token({ sub: 'person-2' }), id: session, path: undefined },
        { token: await rig.token({ client_id: 'client-2' }), id: session, path: undefined },
        { token: await keyed(), id: session, path: KEYED },
        {
          token: await rig.token(),
          id: session.slice(0, -1) + (session.endsWith('0') ? '1' : '0'),
          path: undefined,
        },
        { token: await rig.token(), id: '../../x', path: undefined },
      ];
      for (const { token, id, path = '/demo/mcp/tools/server' } of strangers) {
        expect((await rig.post(toolCall(), { token, path, headers: { 'mcp-session-id': id } })).status).toBe(
          404,
        );
        for (const method of ['GET', 'DELETE']) {
          const headers = {
            authorization: `Bearer ${token}`,
            accept: 'text/event-stream',
            'mcp-session-id': id,
          };
          expect((await fetch(rig.origin + path, { method, headers })).status).toBe(404);
        }
      }
      expect(rig.upstream.seen.length).toBe(before);
    });
  });

  describe('when other parts of Gatehouse', () => {
    it('changed a credential: asks for it anew, at once', async () => {
      const token = await keyed();
      await (await rig.post(toolCall(), { path: KEYED, token })).text();
      const leases = rig.leases.length;
      await (await rig.post(toolCall(), { path: KEYED, token })).text();
      expect(rig.leases.length).toBe(leases);
      rig.on('vault').publish(credentialChanged, { tenant: 'demo', server: 'keyed' });
      await rig.eventsDelivered();
      await (await rig.post(toolCall(), { path: KEYED, token })).text();
      expect(rig.leases.length).toBe(leases + 1);
    });

    it('ended somebody’s access: refuses the token that was good until now', async () => {
      const token = await rig.token({ gid: 'grant-9' });
      expect((await rig.post(toolCall(), { token })).status).toBe(200);
      rig.on('auth').publish(accessEnded, {
        tenant: 'demo',
        kind: 'grant',
        id: 'grant-9',
        before: Math.floor(Date.now() / 1_000),
      });
      await rig.eventsDelivered();
      expect((await rig.post(toolCall(), { token })).status).toBe(401);
    });

    it('ended somebody’s access: nobody else’s call becomes cold by that', async () => {
      const [mine, theirs] = ['gatehouse_pat_mine', 'gatehouse_pat_theirs'];
      rig.opaque.set(hash('sha256', mine, 'base64url'), { subject: 'ada', tenant: 'demo' });
      rig.opaque.set(hash('sha256', theirs, 'base64url'), { subject: 'eve', tenant: 'demo' });
      const introspections = async (token: string) => {
        const before = rig.asked.length;
        await (await rig.post(toolCall(), { token })).text();
        return rig.asked.slice(before);
      };
      for (const token of [mine, theirs]) expect(await introspections(token)).toEqual(['introspect']);
      const before = Math.floor(Date.now() / 1_000);
      rig.on('auth').publish(accessEnded, { tenant: 'demo', kind: 'subject', id: 'eve', before });
      await rig.eventsDelivered();
      expect(await introspections(mine)).toEqual([]);
      expect(await introspections(theirs)).toEqual(['introspect']);
    });

    it('changed the policy: decides by the new one, at once', async () => {
      rig.snapshot.servers['tools'] = { ...serverEntry('tools', rig.upstream.url), grants: {} };
      await rig.publish();
      expect(await (await rig.post(toolCall())).json()).toMatchObject({ error: { code: -31403 } });
      rig.snapshot.servers['tools'] = serverEntry('tools', rig.upstream.url);
      await rig.publish();
      expect((await rig.post(toolCall())).status).toBe(200);
    });

    it('limit how often: answers 429 with the time to wait, and records it', async () => {
      rig.snapshot.limits = [{ id: 'few', per: 'subject', calls: 2, windowSeconds: 60 }];
      await rig.publish();
      const token = await rig.token({ sub: 'person-3' });
      const statuses = [];
      for (let count = 0; count < 4; count++)
        statuses.push((await rig.post(toolCall('limited'), { token })).status);
      expect(statuses).toEqual([200, 200, 429, 429]);
      const refused = await rig.post(toolCall('limited'), { token });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await rig.recorded(({ status }) => status === 'limited')).toMatchObject({ tool: 'limited' });
      rig.snapshot.limits = [];
      await rig.publish();
    });

    it('cannot take records in: calls go on, and every record arrives later', async () => {
      rig.auditDown = true;
      for (let count = 0; count < 5; count++)
        expect((await rig.post(toolCall(`down-${count}`))).status).toBe(200);
      rig.auditDown = false;
      for (let count = 0; count < 5; count++) await rig.recorded(({ tool }) => tool === `down-${count}`);
    });

    it('cannot say who calls: says 503, never 401, and goes on with the tokens that need no question', async () => {
      const token = await rig.token();
      expect((await rig.post(toolCall(), { token })).status).toBe(200);
      await rig.on('auth').drain();
      expect((await rig.post(toolCall(), { token: 'gatehouse_pat_any' })).status).toBe(503);
      expect((await rig.post(toolCall(), { token: await rig.token() })).status).toBe(200);
    });

    it('are down: says 503 and when to come again, never 401', async () => {
      await rig.on('vault').drain();
      rig.broker.connect('vault').publish(credentialChanged, { tenant: 'demo', server: 'keyed' });
      await rig.eventsDelivered();
      const answer = await rig.post(toolCall(), { path: KEYED, token: await keyed() });
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).not.toBeNull();
    });
  });
});
