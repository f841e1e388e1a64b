import { EdgeRig, PUBLIC_URL, toolCall } from '../../test/edge-rig.js';
import { RawClient } from '../../test/raw-client.js';

const PATH = '/demo/mcp/tools/server';
const BODY = JSON.stringify(toolCall());
const HOST = 'Host: gate.test';

describe('a connection', () => {
  let rig: EdgeRig;
  let client: RawClient;
  let good: string[];
  beforeAll(async () => {
    rig = await EdgeRig.start({ env: { EDGE_BODY_LIMIT: '65536' } });
  });
  beforeEach(async () => {
    client = await RawClient.open(rig.port);
    good = [
      `Authorization: Bearer ${await rig.token()}`,
      'Content-Type: application/json',
      'Accept: application/json, text/event-stream',
    ];
  });
  afterEach(() => client.close());
  afterAll(() => rig.stop());

  it('goes on in step after a refusal that came before the body', async () => {
    const smuggled = `GET /healthz HTTP/1.1\r\n${HOST}\r\n\r\n`.padEnd(30_000, ' ');
    client.send([`POST ${PATH} HTTP/1.1`, HOST, `Content-Length: ${smuggled.length}`]);
    expect((await client.answer()).status).toBe(401);
    client.socket.write(smuggled);
    client.send([`POST ${PATH} HTTP/1.1`, HOST, ...good, `Content-Length: ${BODY.length}`], BODY);
    const next = await client.answer();
    expect([next.status, next.body]).toEqual([200, expect.stringContaining('done') as string]);
  });

  it.each([
    ['a stranger', 401],
    ['a caller', 413],
  ])('of %s who never stops sending is cut off', async (who, status) => {
    const head = who === 'a caller' ? good : [];
    client.send([`POST ${PATH} HTTP/1.1`, HOST, ...head, 'Transfer-Encoding: chunked']);
    const chunk = Buffer.concat([Buffer.from('4000\r\n'), Buffer.alloc(0x4000, 0x20), Buffer.from('\r\n')]);
    let sent = 0;
    while (!client.closed && sent < 64 * 1024 * 1024) {
      sent += chunk.length;
      if (!client.socket.write(chunk))
        await new Promise<void>((resolve) => client.socket.once('drain', resolve).once('close', resolve));
    }
    await client.untilClosed();
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    const answer = await client.answer();
    expect([0, status]).toContain(answer.status);
  });

  it('of a caller whose announced body is too large is told so at once', async () => {
    client.send([`POST ${PATH} HTTP/1.1`, HOST, ...good, 'Content-Length: 65537']);
    expect((await client.answer()).status).toBe(413);
    await client.untilClosed();
  });

  describe('refuses, and lets nothing through of', () => {
    let before: number;
    beforeEach(() => (before = rig.upstream.seen.length));
    afterEach(() => expect(rig.upstream.seen.length).toBe(before));
    const chunked = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
    const length = `Content-Length: ${BODY.length}`;

    it.each<[string, string[], string]>([
      ['two lengths', [length, 'Content-Length: 5'], BODY],
      ['a length and chunks', [length, 'Transfer-Encoding: chunked'], chunked],
      ['an unknown transfer coding', ['Transfer-Encoding: chunked, identity'], chunked],
      ['a transfer coding in disguise', ['Transfer-Encoding : chunked'], chunked],
      ['a header over two lines', [length, 'X-A: b', ' c'], BODY],
      ['two hosts', [length, 'Host: evil.test'], BODY],
      ['two origins', [length, `Origin: ${PUBLIC_URL}`, 'Origin: http://evil.test'], BODY],
      ['two content types', [length, 'Content-Type: text/plain'], BODY],
      ['two sessions', [length, 'Mcp-Session-Id: a', 'Mcp-Session-Id: b'], BODY],
      ['two methods for the upstream', [length, 'Mcp-Method: tools/call', 'Mcp-Method: ping'], BODY],
      ['a second token, with a space behind its name', [length, 'Authorization : Bearer x'], BODY],
      ['a control character in what is passed on', [length, 'Mcp-Param-A: a\x01b'], BODY],
      ['a negative length', ['Content-Length: -1'], BODY],
    ])('%s', async (_, lines, body) => {
      client.send([`POST ${PATH} HTTP/1.1`, HOST, ...good, ...lines], body);
      expect((await client.answer()).status).toBe(400);
    });

    it.each([`http://evil.test${PATH}`, `http://gate.test${PATH}`, '*', `${PATH}#x`, `/x/..${PATH}`])(
      'a target in another form: %s',
      async (target) => {
        client.send([`POST ${target} HTTP/1.1`, HOST, ...good, length], BODY);
        const { status, head, body } = await client.answer();
        expect([400, 404]).toContain(status);
        expect(head + body).not.toContain('evil');
      },
    );

    it.each(['OPTIONS', 'PUT', 'PATCH', 'TRACE', 'PROPFIND', 'post', 'CONNECT'])(
      'the method %s',
      async (method) => {
        client.send([`${method} ${PATH} HTTP/1.1`, HOST, ...good, length], BODY);
        expect([0, 400, 405]).toContain((await client.answer()).status);
      },
    );

    it('a method in a header', async () => {
      client.send([`GET ${PATH} HTTP/1.1`, HOST, 'X-HTTP-Method-Override: POST', length], BODY);
      expect((await client.answer()).status).toBe(401);
    });
  });

  it('never learns its address from the client', async () => {
    client.send([`GET ${PATH} HTTP/1.1`, 'Host: evil.test', 'X-Forwarded-Host: evil.test']);
    const challenged = await client.answer();
    expect(challenged.head).toContain(`resource_metadata="${PUBLIC_URL}/`);
    client.send([`GET /.well-known/oauth-protected-resource${PATH} HTTP/1.1`, 'Host: evil.test']);
    expect(challenged.head + (await client.answer()).body).not.toContain('evil');
  });

  it('cannot be turned into another protocol, nor lose its token by a hop-by-hop header', async () => {
    client.send(
      [
        `POST ${PATH} HTTP/1.1`, HOST, ...good, `Content-Length: ${BODY.length}`,
        'Connection: Upgrade, authorization', 'Upgrade: websocket', 'X-Tenant: other', 'X-User: root',
      ],
      BODY,
    ); // prettier-ignore
    expect((await client.answer()).status).toBe(200);
    const { headers } = rig.upstream.seen.at(-1)?.request ?? {};
    expect(Object.keys(headers ?? {}).sort()).toEqual([
      'accept',
      'connection',
      'content-length',
      'content-type',
      'host',
    ]);
    expect(headers?.connection).toBe('keep-alive');
  });

  it('gives up nobody else when it breaks in the middle of a body', async () => {
    client.send([`POST ${PATH} HTTP/1.1`, HOST, ...good, 'Content-Length: 5000'], BODY);
    client.close();
    expect((await rig.post(toolCall())).status).toBe(200);
  });
});
