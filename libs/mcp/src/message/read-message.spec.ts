import fc from 'fast-check';
import { describeFault } from './fault.js';
import { readMessage, type MessageReading } from './read-message.js';

const read = (body: string | object): MessageReading =>
  readMessage(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
const call = (params: object, more: object = {}): object => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params,
  ...more,
});
const fault = (body: string | object | Buffer): string => {
  const reading = Buffer.isBuffer(body) ? readMessage(body) : read(body);
  return reading.ok
    ? 'no fault'
    : `${reading.fault.http} ${reading.fault.code} ${describeFault(reading.fault)}`;
};

describe('reading a message', () => {
  it('reads a request of the modern era', () => {
    const params = {
      name: 'echo',
      arguments: { text: 'hi' },
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'ide', version: '1' },
      },
    };
    expect(read(call(params))).toEqual({
      ok: true,
      message: {
        kind: 'request',
        rawId: '1',
        method: 'tools/call',
        params,
        name: 'echo',
        era: 'modern',
        protocolVersion: '2026-07-28',
        clientInfo: { name: 'ide', version: '1' },
      },
    });
  });

  it('reads initialize, a notification and a response of the legacy era', () => {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'ide', version: '2' },
    };
    expect(read({ jsonrpc: '2.0', id: 'a', method: 'initialize', params })).toMatchObject({
      message: {
        kind: 'request',
        rawId: '"a"',
        era: 'legacy',
        protocolVersion: '2025-11-25',
        clientInfo: { name: 'ide', version: '2' },
      },
    });
    expect(read({ jsonrpc: '2.0', method: 'notifications/initialized' })).toMatchObject({
      message: { kind: 'notification', rawId: null, params: null, name: null, protocolVersion: null },
    });
    expect(read({ jsonrpc: '2.0', id: 4, result: {} })).toEqual({
      ok: true,
      message: { kind: 'response', rawId: '4', isError: false },
    });
    expect(read({ jsonrpc: '2.0', id: 4, error: { code: 1, message: '' } })).toMatchObject({
      message: { isError: true },
    });
  });

  it.each([
    ['resources/read', { uri: 'file:///a' }, 'file:///a'],
    ['prompts/get', { name: 'p' }, 'p'],
    ['tools/list', { name: 'x' }, null],
    ['completion/complete', { ref: { name: 'x' } }, null],
  ])('gives what %s is applied to', (method, params, name) => {
    expect(read(call(params, { method }))).toMatchObject({ message: { name } });
  });

  it('judges a legally escaped name decoded', () => {
    expect(
      read('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"na\\u006de":"d\\u0065l"}}'),
    ).toMatchObject({
      message: { name: 'del' },
    });
  });

  it.each(['9007199254740993', '-7', '0', '"1"', '"\\u0061"', `"${'x'.repeat(1_000)}"`])(
    'keeps the id %s byte for byte',
    (rawId) =>
      expect(read(`{"jsonrpc":"2.0", "id" : ${rawId}\n,"method":"ping"}`)).toMatchObject({
        message: { rawId },
      }),
  );

  it.each(['null', '1.0', '1.5', '1e400', '1e2', '-0', 'true', '[]', '{}', `"${'x'.repeat(10_000)}"`])(
    'refuses the id %s',
    (id) => expect(fault(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`)).toMatch(/^400 -32600 id: /),
  );
});

describe('refusing what two parsers could read differently', () => {
  it.each(['method', 'id', 'params', 'jsonrpc'])('refuses a repeated %s', (name) => {
    const text = JSON.stringify(call({ name: 'a' }));
    expect(fault(text.replace('{', `{"${name}":0,`))).toBe(`400 -32600 ${name}: this name is repeated`);
  });

  it('refuses a repeated tool name and a repeated argument', () => {
    expect(fault('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}')).toMatch(
      /params.name: .*repeated/,
    );
    expect(
      fault('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"x":1,"x":2}}}'),
    ).toMatch(/params.arguments.x: .*repeated/);
  });

  it.each(['Method', 'METHOD', 'Params', 'ID', 'paramſ'])(
    'refuses %s, which Go reads as its lower-case twin',
    (name) => expect(fault(call({ name: 'a' }, { [name]: 'x' }))).toMatch(/^400 -32600 .*case only/),
  );

  it.each(['Name', 'NAME', 'Uri', 'Arguments', '_Meta'])('refuses params.%s, whatever the method', (name) => {
    expect(fault(call({ name: 'a', [name]: 'b' }))).toMatch(/^400 -32602 params\..*case only/);
    expect(fault(call({ [name]: 'b' }, { method: 'resources/read' }))).toMatch(/case only/);
  });

  it('leaves the case of arguments to the tool', () => {
    expect(fault(call({ name: 'a', arguments: { Name: 1, name: 2, Method: 3 } }))).toBe('no fault');
  });

  it.each([
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', /-32600 batches are not supported/],
    ['an empty batch', '[]', /-32600 batches/],
    ['nothing', '', /-32700/],
    ['a scalar', '1', /-32600 the body is not a JSON object/],
    ['null', 'null', /-32600/],
    ['two documents', '{"jsonrpc":"2.0","id":1,"method":"ping"}{}', /-32700/],
    ['a byte order mark', '\ufeff{"jsonrpc":"2.0","id":1,"method":"ping"}', /-32700/],
    ['a comment', '{"jsonrpc":"2.0",/**/"id":1,"method":"ping"}', /-32700/],
    ['NaN', '{"jsonrpc":"2.0","id":NaN,"method":"ping"}', /-32700/],
    ['a trailing comma', '{"jsonrpc":"2.0","id":1,"method":"ping",}', /-32700/],
    ['single quotes', "{'jsonrpc':'2.0'}", /-32700/],
    ['an unfinished string', '{"jsonrpc":"2.0', /-32700/],
    ['another version', { jsonrpc: '2.1', id: 1, method: 'ping' }, /jsonrpc: must be/],
    ['a version that is a number', { jsonrpc: 2, id: 1, method: 'ping' }, /jsonrpc: must be/],
    ['no version', { id: 1, method: 'ping' }, /jsonrpc: must be/],
    ['a method that is no string', { jsonrpc: '2.0', id: 1, method: ['ping'] }, /method: must be/],
    ['a method with a space', { jsonrpc: '2.0', id: 1, method: 'tools/call ' }, /method: must be/],
    ['request and response at once', { jsonrpc: '2.0', id: 1, method: 'ping', result: {} }, /exactly one of/],
    ['result and error at once', { jsonrpc: '2.0', id: 1, result: {}, error: {} }, /exactly one of/],
    ['neither', { jsonrpc: '2.0', id: 1 }, /exactly one of/],
    ['a response to nobody', { jsonrpc: '2.0', result: {} }, /id: a response names/],
    [
      'params by position',
      { jsonrpc: '2.0', id: 1, method: 'ping', params: [] },
      /params: must be an object/,
    ],
    ['params null', { jsonrpc: '2.0', id: 1, method: 'ping', params: null }, /params: must be an object/],
    ['a call without a tool', call({}), /-32602 params.name: must be a string/],
    ['a call of a number', call({ name: 1 }), /-32602 params.name/],
    ['_meta that is no object', call({ name: 'a', _meta: [] }), /-32602 params._meta/],
    [
      'a version in _meta that is no string',
      call({ name: 'a', _meta: { 'io.modelcontextprotocol/protocolVersion': 1 } }),
      /-32602 params._meta/,
    ],
  ])('refuses %s', (_what, body, expected) => expect(fault(body)).toMatch(expected));

  it('refuses what is not UTF-8', () => {
    const around = (bytes: number[]): Buffer =>
      Buffer.concat([
        Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping","x":"'),
        Buffer.from(bytes),
        Buffer.from('"}'),
      ]);
    expect(fault(around([0xc3, 0xa9]))).toBe('no fault');
    for (const bytes of [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
      expect(fault(around(bytes))).toBe('400 -32700 the body is not UTF-8');
    }
    expect(fault(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}', 'utf16le'))).toMatch(/^400/);
  });

  it('refuses a larger body with 413, before reading it', () => {
    expect(fault(Buffer.alloc(4 * 1_024 * 1_024 + 1))).toMatch(/^413 -32600 /);
  });

  it('gives the id back where it could be read, and null where not', () => {
    expect(read('{"jsonrpc":"1","id":9007199254740993,"method":"ping"}')).toMatchObject({
      rawId: '9007199254740993',
    });
    expect(read('{"id":1,"id":2}')).toMatchObject({ rawId: 'null' });
    expect(read({ method: 'ping' })).toMatchObject({ rawId: 'null' });
  });

  it('quotes nothing of the body but names of members', () => {
    expect(
      JSON.stringify(read('{"jsonrpc":"2.0","id":1,"method":"ping","params":{"key":canary-7d2}}')),
    ).not.toMatch(/canary/);
  });

  it('reads what its own object says, never what Object.prototype says', () => {
    expect(
      fault('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"__proto__":{"name":"a"}}}'),
    ).toMatch(/__proto__/);
    expect(fault(call({ constructor: { prototype: { polluted: 1 } } }))).toMatch(/params.name/);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
      expect(read(call({ name }))).toMatchObject({ message: { name } });
    }
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(readMessage(Buffer.from(bytes))).toHaveProperty('ok');
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('takes a message exactly when JSON.parse and the scan take it, however it is mutilated', () => {
    const text = JSON.stringify(call({ name: 'a', arguments: { x: [1, { y: 'z\\' }], é: null } }));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'{}[]",:\\0a '), (at, character) => {
        const mutilated = text.slice(0, at) + character + text.slice(at + 1);
        if (!read(mutilated).ok) return;
        expect(() => JSON.parse(mutilated) as unknown).not.toThrow();
      }),
      { numRuns: 3_000 },
    );
  });
});
