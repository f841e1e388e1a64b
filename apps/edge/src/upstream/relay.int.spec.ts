import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { EdgeRig, serverEntry, toolCall } from '../../test/edge-rig.js';
import { RawClient } from '../../test/raw-client.js';
import { answerJson } from '../../test/upstream.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const LIST = { jsonrpc: '2.0', id: 5, method: 'tools/list' };
const KEYED = '/demo/mcp/keyed/server';
const MEGABYTE = 1_048_576;

describe('an upstream', () => {
  let rig: EdgeRig;
  const answering = (answer: (response: ServerResponse) => void) =>
    (rig.upstream.answer = (_, response) => answer(response));
  const keyed = () => rig.token({ aud: `http://gate.test${KEYED}` });
  beforeAll(async () => {
    rig = await EdgeRig.start();
    rig.snapshot.servers['tools'] = { ...serverEntry('tools', rig.upstream.url), disabledTools: ['drop'] };
    await rig.publish();
  });
  beforeEach(() => (rig.upstream.answer = answerJson));
  afterAll(() => rig.stop());

  it('that is faster than its client waits for it, and loses nothing', async () => {
    const total = 64 * MEGABYTE;
    let sent = 0;
    rig.upstream.answer = (request, response, asked) => {
      if (!asked.includes('"fast"')) return answerJson(request, response, asked);
      response.writeHead(200, JSON_TYPE);
      const chunk = Buffer.alloc(MEGABYTE, 0x20);
      const more = () => {
        while (sent < total) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    };
    const client = await RawClient.open(rig.port);
    client.socket.pause();
    const body = JSON.stringify(toolCall('fast'));
    client.send(
      [
        'POST /demo/mcp/tools/server HTTP/1.1', 'Host: x', `Authorization: Bearer ${await rig.token()}`,
        'Content-Type: application/json', 'Accept: application/json, text/event-stream', `Content-Length: ${body.length}`,
        'Connection: close',
      ],
      body,
    ); // prettier-ignore
    // it stands still when many other calls went through and nothing more was sent
    for (let still = 0, before = sent; still < 20; before = sent) {
      await (await rig.post(toolCall())).text();
      still = sent > 0 && sent === before ? still + 1 : 0;
    }
    expect(sent).toBeLessThan(total / 2); // only what the kernel's buffers hold
    let received = 0;
    client.socket.on('data', (chunk: Buffer) => (received += chunk.length));
    client.socket.resume();
    await client.untilClosed();
    expect(received).toBeGreaterThan(total);
  });

  it('is told when the client leaves, long before any timeout', async () => {
    let gone: Promise<unknown> | undefined;
    answering((response) => {
      gone = once(response, 'close');
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': begun\n\n');
    });
    const client = await RawClient.open(rig.port);
    const body = JSON.stringify(toolCall());
    client.send(
      [
        'POST /demo/mcp/tools/server HTTP/1.1', 'Host: x', `Authorization: Bearer ${await rig.token()}`,
        'Content-Type: application/json', 'Accept: application/json, text/event-stream', `Content-Length: ${body.length}`,
      ],
      body,
    ); // prettier-ignore
    await once(client.socket, 'data');
    client.close();
    await gone;
  });

  it('hears nothing of a call whose client left while the credential was fetched', async () => {
    const before = rig.upstream.seen.length;
    let free: () => void = () => undefined;
    rig.vaultFree = new Promise((resolve) => (free = resolve));
    const asked = rig.leaseAsked();
    const client = await RawClient.open(rig.port);
    const body = JSON.stringify(toolCall('left-early'));
    client.send(
      [
        `POST ${KEYED} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${await keyed()}`, 'Content-Type: application/json',
        'Accept: application/json, text/event-stream', `Content-Length: ${body.length}`,
      ],
      body,
    ); // prettier-ignore
    await asked;
    client.close();
    await rig.post(toolCall()); // by now the edge knows that the client is gone
    free();
    expect(await rig.recorded(({ tool }) => tool === 'left-early')).toMatchObject({ status: 'cancelled' });
    expect(rig.upstream.seen.length).toBe(before + 1);
  });

  it.each([
    ['compresses unasked', (response: ServerResponse) =>
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(gzipSync('{}'))],
    ['sends one header too many', (response: ServerResponse) =>
      response.writeHead(200, { ...JSON_TYPE, 'x-much': 'x'.repeat(20_000) }).end('{}')],
  ])('that %s is broken', async (_, answer) => {
    answering(answer);
    expect((await rig.post(toolCall())).status).toBe(502);
  }); // prettier-ignore

  it.each([
    ['is no JSON', 'oops'],
    ['names its tools twice', '{"jsonrpc":"2.0","id":5,"result":{"tools":[],"tools":[{"name":"drop"}]}}'],
    ['is too long', `{"jsonrpc":"2.0","id":5,"result":{"tools":[],"x":"${'x'.repeat(17 * MEGABYTE)}"}}`],
  ])('whose list %s is broken, and says so to the client', async (_, list) => {
    answering((response) => response.writeHead(200, JSON_TYPE).end(list));
    const answer = await rig.post(LIST);
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ id: 5, error: { code: -31010 } });
  });

  it('that no longer knows the session says so in its own words, to a list as well', async () => {
    answering((response) => response.writeHead(404, { 'content-type': 'text/plain' }).end('no such session'));
    const answer = await rig.post(LIST);
    expect([answer.status, await answer.text()]).toEqual([404, 'no such session']);
  });

  it('may give hints first, and may have nothing to say', async () => {
    answering((response) => {
      response.writeEarlyHints({ link: '</x>; rel=preload' });
      response.writeHead(200, JSON_TYPE).end('{"jsonrpc":"2.0","id":1,"result":{}}');
    });
    expect(await (await rig.post(toolCall())).json()).toMatchObject({ result: {} });
    const notice = { jsonrpc: '2.0', method: 'notifications/initialized' };
    for (const status of [202, 204]) {
      answering((response) => response.writeHead(status).end());
      const answer = await rig.post(notice);
      expect([answer.status, await answer.text()]).toEqual([status, '']);
    }
  });

  it('that breaks off in the middle is not taken for one that finished', async () => {
    answering((response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '100' }).write('{"jsonrpc":');
      response.socket?.end();
    });
    const answer = await rig.post(toolCall('broken-off'));
    await expect(answer.text()).rejects.toThrow();
    expect(await rig.recorded(({ tool }) => tool === 'broken-off')).toMatchObject({ status: 'error' });
  });

  describe('that answers what no record can hold', () => {
    const record = async (tool: string, body: string) => {
      answering((response) => response.writeHead(200, JSON_TYPE).end(body));
      const answer = await rig.post(toolCall(tool), { path: KEYED, token: await keyed() });
      expect(await answer.text()).toBe(body);
      return rig.recorded((found) => found.tool === tool);
    };

    it('is recorded all the same: an error in no known form', async () => {
      const body = '{"jsonrpc":"2.0","id":1,"error":{"code":"NaN","message":{"toString":1}}}';
      expect(await record('odd', body)).toMatchObject({ status: 'error', error: { code: 0, message: '' } });
    });

    it('is recorded all the same: a result deeper than JSON can be written', async () => {
      const deep = '['.repeat(10_000) + ']'.repeat(10_000);
      const found = await record('deep', `{"jsonrpc":"2.0","id":1,"result":{"deep":${deep}}}`);
      expect(JSON.stringify(found.result)).toContain('[too deep]');
    });

    it('is recorded without the credential, however that is spelled', async () => {
      const body =
        '{"jsonrpc":"2.0","id":1,"result":{"seen":"\\u0075pstream-secret-1","upstream-secret-1":1}}';
      const found = await record('spelled', body);
      expect(JSON.stringify(found)).not.toContain('upstream-secret-1');
    });

    it('is recorded without the key that the caller brought', async () => {
      answering((response) =>
        response.writeHead(200, JSON_TYPE).end('{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no: my-own-key-9"}}'));
      await rig.post(toolCall('own'), { headers: { 'x-tfy-mcp-headers': '{"tools":{"X-Key":"my-own-key-9"}}' } });
      const found = await rig.recorded(({ tool }) => tool === 'own');
      expect(found.error).toEqual({ code: -1, message: 'no: [secret]' });
    }); // prettier-ignore
  });

  it('gets the credential, whatever the registration says of the same header', async () => {
    const keyedEntry = rig.snapshot.servers['keyed'] ?? serverEntry('keyed', rig.upstream.url);
    rig.snapshot.servers['keyed'] = { ...keyedEntry, headers: { authorization: 'Basic plain' } };
    await rig.publish();
    await rig.post(toolCall(), { path: KEYED, token: await keyed() });
    expect(rig.upstream.seen.at(-1)?.request.headers.authorization).toBe('Bearer upstream-secret-1');
  });

  it('is asked under the headers of the registration, whatever the client sent by that name', async () => {
    rig.snapshot.servers['tools'] = { ...serverEntry('tools', rig.upstream.url), headers: { TraceParent: 'ours' } };
    await rig.publish();
    await rig.post(toolCall(), { headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } });
    const { rawHeaders = [] } = rig.upstream.seen.at(-1)?.request ?? {};
    const sent = rawHeaders.filter((_, at) => rawHeaders[at - 1]?.toLowerCase() === 'traceparent');
    expect(sent).toEqual(['ours']);
  }); // prettier-ignore

  describe('that writes its bytes by hand', () => {
    let server: Server;
    let head = '';
    beforeAll(async () => {
      server = createServer((socket) =>
        socket.on('error', () => undefined).once('data', () => socket.end(`${head}\r\nContent-Length: 2\r\n\r\n{}`)));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      rig.snapshot.servers['tools'] = serverEntry('tools', url);
      await rig.publish();
    }); // prettier-ignore
    afterAll(() => server.close());

    it.each([
      ['HTTP/1.1 200 OK\r\nContent-Type: a\r\nAllow: a\rX-Evil: 1', 502],
      ['HTTP/1.1 200 OK\r\nContent-Type: a\r\nAllow: a\nX-Evil: 1', 502],
      ['HTTP/1.1 200 OK\r\nContent-Type: a\r\nAllow: a\x01b', 502],
      ['HTTP/1.1 200 OK\r\nContent-Type: a\r\nAllow: a\x00b', 502],
      ['HTTP/1.1 200 OK\r\nContent-Length: 7', 502],
      ['HTTP/1.1 999 Odd', 502],
      ['HTTP/1.1 101 Switching\r\nUpgrade: x', 502],
      ['no HTTP', 502],
    ])('cannot write into the client’s head: %j', async (bytes, status) => {
      head = bytes;
      const answer = await rig.post(toolCall());
      expect(answer.status).toBe(status);
      expect(answer.headers.get('x-evil')).toBeNull();
      expect(answer.headers.get('allow') ?? '').not.toMatch(/[^a]/);
    });
  });
});
