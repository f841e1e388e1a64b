import fc from 'fast-check';
import { EdgeRig, toolCall } from '../../test/edge-rig.js';
import { RawClient } from '../../test/raw-client.js';

const RUNS = 5_000;
const AT_ONCE = 8;
const ALLOWED = new Set([200, 202, 502, 503, 504]);
/** Stack frames, paths of files, subjects of the bus, SQL. */
const TELLING =
  /\n\s+at |node:internal|\/src\/|\/dist\/|\/work\/|\/tmp\/|\.[jt]s:\d|(?:evt|auth|vault|policy|audit)\.[a-z-]+\.[a-z-]+|select .* from|insert into|127\.0\.0\.1/i;

interface Seed {
  readonly line: string;
  readonly headers: readonly string[];
  readonly body: string;
}

const message = (value: unknown): Seed => ({
  line: 'POST /demo/mcp/tools/server HTTP/1.1',
  headers: [
    'Host: gate.test',
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
  ],
  body: JSON.stringify(value),
});
const rpc = (method: string, params: unknown) => ({ jsonrpc: '2.0', id: 'a-1', method, params });
const withHeader = (seed: Seed, ...headers: string[]): Seed => ({
  ...seed,
  headers: [...seed.headers, ...headers],
});

const SEEDS: readonly Seed[] = [
  message(toolCall('echo', { text: 'hello' }, 9007199254740991)),
  message(rpc('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } })),
  message({ jsonrpc: '2.0', method: 'notifications/initialized' }),
  message(rpc('tools/list', { cursor: 'abc' })),
  message(rpc('resources/read', { uri: 'file:///a' })),
  withHeader(message(rpc('tools/call', { name: 'echo', _meta: { progressToken: 1 } })), 'Mcp-Method: tools/call', 'Mcp-Name: echo'),
  withHeader(message(rpc('ping', {})), 'x-tfy-mcp-headers: {"tools":{"X-Key":"value"}}', 'x-tfy-metadata: {"team":"a"}'),
  message({ jsonrpc: '2.0', id: 7, result: { roots: [] } }),
  { ...message(''), line: 'GET /demo/mcp/tools/server HTTP/1.1', body: '' },
  { ...message(''), line: 'GET /.well-known/oauth-protected-resource/demo/mcp/tools/server HTTP/1.1', body: '' },
]; // prettier-ignore

const SPLICES = ['"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', '\0', '\r', '\n', '\r\n', ' ', '\t', 'ÿ', '\u{1f600}', '\ufffd', '﻿',
  '__proto__', '"id":2,', '"method":"ping",', '1e400', '\\u0000', '../', '%2f', ';', 'Authorization: Bearer x\r\n',
  'Transfer-Encoding: chunked\r\n', 'Mcp-Session-Id: k1.x\r\n', '[['.repeat(80), 'x'.repeat(5_000)]; // prettier-ignore

interface Edit {
  readonly where: 'line' | 'headers' | 'body';
  readonly at: number;
  readonly cut: number;
  readonly put: string;
}

const edits = fc.array(
  fc.record<Edit>({
    where: fc.constantFrom('line', 'headers', 'body', 'body'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(2),
    put: fc.oneof(fc.constantFrom(...SPLICES), fc.string({ maxLength: 6 })),
  }),
  { minLength: 1, maxLength: 2 },
);

function mutate({ line, headers, body }: Seed, changes: readonly Edit[]): Record<Edit['where'], string> {
  const parts = { line, headers: headers.join('\r\n'), body };
  for (const { where, at, cut, put } of changes) {
    const start = Math.floor(at * parts[where].length);
    parts[where] = parts[where].slice(0, start) + put + parts[where].slice(start + cut);
  }
  return parts;
}

describe('a mutated request', () => {
  it(`is refused, or reaches the upstream as the bytes that were judged (${RUNS} of them)`, async () => {
    const rig = await EdgeRig.start({ env: { EDGE_UPSTREAM_TIMEOUT_MS: '2000' } });
    const token = await rig.token();
    const trouble: unknown[] = [];
    const fail = (error: unknown) => trouble.push(error);
    process.on('unhandledRejection', fail).on('uncaughtException', fail);
    const mutation = fc
      .tuple(fc.constantFrom(...SEEDS), edits)
      .map(([seed, changes]) => mutate(seed, changes));
    const cases = fc.sample(mutation, { numRuns: RUNS, seed: 20_261_124 });
    const statuses = new Map<number, number>();
    let passed = 0;

    const tryOne = async ({ line, headers, body }: (typeof cases)[number]) => {
      const client = await RawClient.open(rig.port);
      const bytes = Buffer.from(body);
      const sent = `${line}\r\nAuthorization: Bearer ${token}\r\n${headers}\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`;
      client.socket.write(Buffer.concat([Buffer.from(sent), bytes]));
      const answer = await client.answer();
      client.close();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const fine = ALLOWED.has(answer.status) || (answer.status >= 400 && answer.status < 500);
      if (!fine || TELLING.test(answer.body)) trouble.push({ line, headers, body, answer });
      return bytes.toString();
    };

    const queue = [...cases];
    const bodies = new Set<string>();
    const work = async () => {
      for (let next = queue.pop(); next; next = queue.pop()) bodies.add(await tryOne(next));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    for (const { body } of rig.upstream.seen) {
      passed++;
      if (!bodies.has(body)) trouble.push({ upstreamSaw: body });
    }
    process.off('unhandledRejection', fail).off('uncaughtException', fail);
    await rig.stop();
    expect(trouble.slice(0, 3)).toEqual([]);
    expect(passed).toBeGreaterThan(RUNS / 20);
    expect(statuses.get(400) ?? 0).toBeGreaterThan(RUNS / 20);
  }, 60_000);
});
