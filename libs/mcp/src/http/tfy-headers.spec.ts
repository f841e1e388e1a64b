import fc from 'fast-check';
import { describeFault } from '../message/fault.js';
import { parseMcpHeaders, parseMetadata, type HeaderRegistration } from './tfy-headers.js';

const github: HeaderRegistration = { server: 'github', puts: new Set(['x-team']), accepts: new Set() };

const parse = (value: unknown, registration = github): unknown => {
  const reading = parseMcpHeaders(typeof value === 'string' ? value : JSON.stringify(value), registration);
  return reading.ok ? reading.headers : `${reading.fault.http} ${describeFault(reading.fault)}`;
};

describe('x-tfy-mcp-headers', () => {
  it('gives the headers of the called server, names in lower case', () => {
    expect(parse({ github: { 'X-Api-Version': '2', 'x-b': 'é' }, other: { a: 'b' } })).toEqual({
      'x-api-version': '2',
      'x-b': 'é',
    });
    expect(parse({ other: { Authorization: 'Bearer x', Cookie: 'y' } })).toEqual({});
  });

  it.each([
    ['', 'x-tfy-mcp-headers: is not JSON'],
    ['{"github":{"a":"b"}} {}', 'x-tfy-mcp-headers: is not JSON'],
    ['[]', 'x-tfy-mcp-headers: must be a JSON object'],
    ['"x"', 'x-tfy-mcp-headers: must be a JSON object'],
    ['null', 'x-tfy-mcp-headers: must be a JSON object'],
    ['{"github":"x"}', 'x-tfy-mcp-headers: github: must be an object of headers'],
    ['{"other":"x"}', 'x-tfy-mcp-headers: other: must be an object of headers'],
    ['{"github":[]}', 'x-tfy-mcp-headers: github: must be an object of headers'],
    ['{"github":{"X-A":1}}', 'x-tfy-mcp-headers: github.X-A: must be a string'],
    ['{"github":{"X-A":null}}', 'x-tfy-mcp-headers: github.X-A: must be a string'],
    ['{"github":{"X-A":["a"]}}', 'x-tfy-mcp-headers: github.X-A: must be a string'],
    ['{"github":{"X-A":{}}}', 'x-tfy-mcp-headers: github.X-A: must be a string'],
    ['{"other":{"X-A":false}}', 'x-tfy-mcp-headers: other.X-A: must be a string'],
    ['{"github":{"X-A":"1","X-A":"2"}}', 'x-tfy-mcp-headers: github.X-A: this name is repeated'],
    ['{"github":{"X-A":"1","x-a":"2"}}', 'x-tfy-mcp-headers: github.x-a: this header is repeated'],
    ['{"github":{},"github":{}}', 'x-tfy-mcp-headers: github: this name is repeated'],
    ['{"__proto__":{}}', 'x-tfy-mcp-headers: __proto__: this name is not accepted'],
    ['{"ok":false,"fault":{},"http":400}', 'x-tfy-mcp-headers: ok: must be an object of headers'],
  ])('refuses %s', (value, expected) => expect(parse(value)).toBe(`400 ${expected}`));

  it.each(['a\r\nb', 'a\nb', '\0', '\u0001', '\x7f', '\t', 'ā', '😀', '\u2028'])(
    'refuses the value %j',
    (value) => {
      expect(parse({ github: { 'X-A': value } })).toMatch(/^400 x-tfy-mcp-headers: github.X-A: /);
    },
  );

  it.each(['', 'x y', 'x_y', 'x:', 'x\r\n', 'Authori\u200bzation', 'authorization ', 'authorization\t', 'é'])(
    'refuses the name %j',
    (name) => expect(parse({ github: { [name]: 'v' } })).toMatch(/^400 .*not the name of a header/s),
  );

  it.each([
    'Host',
    'Connection',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Upgrade',
    'Proxy-Authorization',
    'Transfer-Encoding',
    'Content-Type',
    'Content-Length',
    'Content-Encoding',
    'COOKIE',
    'Expect',
    'Accept',
    'Mcp-Session-Id',
    'Mcp-Anything',
    'X-Tfy-Api-Key',
    'X-Forwarded-For',
    'Forwarded',
    'X-HTTP-Method-Override',
  ])('never passes on %s, even where the registration would', (name) => {
    const generous = { ...github, accepts: new Set([name.toLowerCase()]) };
    expect(parse({ github: { [name]: 'v' } }, generous)).toMatch(/^400 .*never passed on/);
  });

  it('accepts Authorization, and what the registration puts on, only where the registration says so', () => {
    for (const name of ['Authorization', 'X-Team']) {
      expect(parse({ github: { [name]: 'v' } })).toMatch(/^400 .*does not let a caller set/);
      const open = { ...github, accepts: new Set([name.toLowerCase()]) };
      expect(parse({ github: { [name]: 'v' } }, open)).toEqual({ [name.toLowerCase()]: 'v' });
    }
  });

  it('takes 32 headers and 8 KiB, and no more', () => {
    const fields = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, '']));
    expect(parse({ github: fields(32) })).toEqual(fields(32));
    expect(parse({ github: fields(33) })).toBe('400 x-tfy-mcp-headers: github: more than 32 headers');
    expect(parse({ other: fields(33) })).toMatch(/^400/);
    const padded = (bytes: number): string => `{"github":{}}${' '.repeat(bytes - 13)}`;
    expect(parse(padded(8_192))).toEqual({});
    expect(parse(padded(8_193))).toBe('400 x-tfy-mcp-headers: larger than 8192 bytes');
  });

  it('gives back any set of well-formed headers, and never anything that a header cannot carry', () => {
    const name = fc
      .stringMatching(/^x-[a-z0-9]{1,12}$/)
      .filter((text) => !/^x-(tfy|forwarded|team)/.test(text));
    const value = fc.string({
      unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
    });
    const safe = value.filter((text) => !text.includes('\x7f'));
    fc.assert(
      fc.property(fc.dictionary(name, safe, { maxKeys: 8, noNullPrototype: true }), (headers) => {
        expect(parse({ github: headers })).toEqual(headers);
      }),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.json(),
          fc.json().map((json) => `{"github":${json}}`),
        ),
        (text) => {
          const reading = parseMcpHeaders(text, github);
          if (!reading.ok) return expect(reading.fault.place).toMatch(/^x-tfy-mcp-headers/);
          for (const [field, content] of Object.entries(reading.headers)) {
            expect(`${field}: ${content}`).toMatch(/^[!-9;-~]+: [\x20-\x7e\x80-\xff]*$/);
          }
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('does not repeat a value in its refusal', () => {
    expect(parse({ github: { 'X-A': 'canary\n' } })).not.toMatch(/canary/);
    expect(parse('{"github":{"X-A":canary}}')).not.toMatch(/canary/);
  });
});

describe('x-tfy-metadata', () => {
  const parsed = (value: unknown): unknown => {
    const reading = parseMetadata(typeof value === 'string' ? value : JSON.stringify(value));
    return reading.ok ? reading.metadata : `${reading.fault.http} ${describeFault(reading.fault)}`;
  };

  it('gives the names and values', () => {
    expect(parsed({ team: 'a', constructor: 'b' })).toEqual({ team: 'a', constructor: 'b' });
  });

  it.each([
    ['x', 'x-tfy-metadata: is not JSON'],
    ['[]', 'x-tfy-metadata: must be a JSON object'],
    ['{"a":1}', 'x-tfy-metadata: a: must be a string'],
    ['{"a":"1","a":"2"}', 'x-tfy-metadata: a: this name is repeated'],
    ['{"__proto__":"x"}', 'x-tfy-metadata: __proto__: this name is not accepted'],
    [`{"a":"${'x'.repeat(129)}"}`, 'x-tfy-metadata: a: longer than 128 characters'],
    [`"${'x'.repeat(8_192)}"`, 'x-tfy-metadata: larger than 8192 bytes'],
  ])('refuses %s', (value, expected) => expect(parsed(value)).toBe(`400 ${expected}`));

  it('takes values of 128 characters and 32 entries, and no more', () => {
    const entries = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'v']));
    expect(parsed({ a: 'x'.repeat(128) })).toEqual({ a: 'x'.repeat(128) });
    expect(parsed(entries(32))).toEqual(entries(32));
    expect(parsed(entries(33))).toBe('400 x-tfy-metadata: more than 32 entries');
  });
});
