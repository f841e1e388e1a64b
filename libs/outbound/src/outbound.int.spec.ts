import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Outbound, whyUnreachable } from './outbound.js';
import { Reachable } from './reachable.js';

/** What somebody outside may have at the address that we fetch. */
const answers: Record<string, RequestListener> = {
  '/document': (_, response) => response.end('{"a":1}'),
  '/redirect': (_, response) => response.writeHead(302, { location: '/document' }).end(),
  '/endless': (_, response) => {
    const more = () => response.write('x'.repeat(10_000)) && response.writable && setImmediate(more);
    response.on('drain', more);
    more();
  },
  '/silent': () => undefined,
  '/slow-body': (_, response) => void response.writeHead(200).write('{'),
  '/bomb': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}')),
};

let server: Server;
let origin: string;
let connections = 0;
let outbound: Outbound;
beforeAll(async () => {
  server = createServer((request, response) => answers[request.url ?? '']?.(request, response));
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  outbound = new Outbound(Reachable.parse('127.0.0.0/8'), { timeoutMs: 300, responseBytes: 100_000 });
});
afterAll(async () => {
  await outbound.close();
  server.closeAllConnections();
  server.close();
});

const why = (url: string, by = outbound) =>
  by
    .fetch(url)
    .then(
      (response) => response.text().then((text) => `read ${text.length}`, whyUnreachable),
      whyUnreachable,
    );

describe('a fetch from an address that somebody outside has chosen', () => {
  it('reads what is there', async () => {
    expect(await (await outbound.fetch(`${origin}/document`)).json()).toEqual({ a: 1 });
  });

  it.each([
    'http://127.0.0.1:PORT',
    'http://localhost:PORT',
    'http://2130706433:PORT',
    'http://0x7f.1:PORT',
    'http://127.1:PORT',
    'http://0.0.0.0:PORT',
    'http://[::ffff:127.0.0.1]:PORT',
  ])('connects to no private address: %s', async (address) => {
    const closed = new Outbound(Reachable.parse(''));
    const before = connections;
    const url = address.replace('PORT', new URL(origin).port);
    expect(await why(url, closed)).toBe('is at a private address that GATEHOUSE_ALLOW_PRIVATE does not open');
    expect(connections).toBe(before);
    await closed.close();
  });

  it('follows no redirect', async () => {
    const response = await outbound.fetch(`${origin}/redirect`);
    expect(response.status).toBe(302);
  });

  it.each([
    ['/endless', 'answered with more than may be read'],
    ['/silent', 'did not answer in time'],
    ['/slow-body', 'did not answer in time'],
    ['/bomb', 'cannot be reached'],
  ])('ends where the other side goes on or is silent: %s', async (path, reason) => {
    expect(await why(origin + path)).toBe(reason);
  });

  it.each(['ftp://127.0.0.1/', 'file:///etc/passwd', 'data:text/plain,x', 'http://user:pass@127.0.0.1/'])(
    'is made by http and https alone, without credentials: %s',
    async (url) => {
      await expect(outbound.fetch(url)).rejects.toThrow();
    },
  );
});
