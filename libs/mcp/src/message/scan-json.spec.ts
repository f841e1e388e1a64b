import fc from 'fast-check';
import { JSON_LIMITS, scanJson } from './scan-json.js';

const faultOf = (text: string): string | undefined => {
  const { fault } = scanJson(text);
  return fault === null ? undefined : `${fault.place}: ${fault.reason}`;
};

describe('scanning JSON for what JSON.parse forgives', () => {
  it('finds nothing in any document that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 10 }), (text) => {
        fc.pre(!text.includes('__proto__') && !text.includes('\\u0000') && !/\\ud[89a-f]/.test(text));
        expect(scanJson(text).fault).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds one repeated name anywhere, however it is escaped', () => {
    const writeName = fc.constantFrom('"name"', '"na\\u006de"', '"\\u006e\\u0061me"');
    const sizes = fc.record({
      others: fc.integer({ min: 0, max: 40 }),
      depth: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(writeName, writeName, sizes, (one, two, { others, depth }) => {
        const between = Array.from({ length: others }, (_, n) => `"k${n}":{"name":[${n}]}`);
        const object = `{${[`${one}:1`, ...between, `${two}:2`].join(',')}}`;
        const text = '{"a":['.repeat(depth) + object + ']}'.repeat(depth);
        expect(faultOf(text)).toBe(`${'a[0].'.repeat(depth)}name: this name is repeated`);
      }),
      { numRuns: 1_000 },
    );
  });

  it('names the place, array elements included', () => {
    expect(faultOf('{"params":{"list":[1,{"x":1},{"x":1, "x":2}]}}')).toBe(
      'params.list[2].x: this name is repeated',
    );
  });

  it('lets the same name stand in different objects and as a value', () => {
    expect(faultOf('[{"a":"a","b":"a"},{"a":{"a":["a","a"]}}]')).toBeUndefined();
  });

  it('refuses the name __proto__, escaped or not, but not as a value', () => {
    expect(faultOf('{"a":{"__proto__":{}}}')).toBe('a.__proto__: this name is not accepted');
    expect(faultOf('{"\\u005f_proto__":1}')).toBe('__proto__: this name is not accepted');
    expect(faultOf('{"a":"__proto__","constructor":{"prototype":{}}}')).toBeUndefined();
  });

  it.each([
    '"\\u0000"',
    '"\\ud83d"',
    '"\\ude00"',
    '"\\ud83dx"',
    '"\\ude00\\ud83d"',
    '"\\uD83D\\\\uDE00"',
    '{"\\ud83d":1}',
  ])('refuses NUL and half characters: %s', (text) =>
    expect(faultOf(text)).toMatch(/an escape stands for NUL or for half a character/),
  );

  it('takes every other escape, pairs included', () => {
    expect(
      faultOf('["\\ud83d\\ude00","\\uD83D\\uDE00","\\\\u0000","\\"\\\\\\/\\b\\f\\n\\r\\t\\uffff\\u0001"]'),
    ).toBeUndefined();
  });

  it('takes containers up to the limit and none deeper', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(faultOf(nested(64))).toBeUndefined();
    expect(faultOf(nested(65))).toMatch(/nested deeper than 64/);
    expect(faultOf('['.repeat(1_000_000))).toMatch(/nested deeper than 64/);
  });

  it('takes names and containers up to the limits and no more', () => {
    const members = (count: number): string =>
      `{${Array.from({ length: count }, (_, n) => `"${n}":0`).join(',')}}`;
    expect(faultOf(members(JSON_LIMITS.keys))).toBeUndefined();
    expect(faultOf(members(JSON_LIMITS.keys + 1))).toMatch(/more than 65536 names/);
    const lists = (count: number): string => `[${'[],'.repeat(count)}0]`;
    expect(faultOf(lists(JSON_LIMITS.containers - 1))).toBeUndefined();
    expect(faultOf(lists(JSON_LIMITS.containers))).toMatch(/more than 65536 objects and arrays/);
    expect(faultOf(`{"${'x'.repeat(1_024)}":0}`)).toBeUndefined();
    expect(faultOf(`{"${'x'.repeat(1_025)}":0}`)).toMatch(/longer than 1024 characters/);
  });

  it.each([
    ['{"id": 9007199254740993 ,"a":{"id":5}}', '9007199254740993'],
    ['{"a":{"id":5},"id":"x,}\\"y"}', '"x,}\\"y"'],
    ['{"\\u0069d":7}', '7'],
    ['{"a":1}', ''],
    ['[{"id":1}]', ''],
    ['{"a":[{"id":1}]}', ''],
  ])('keeps the root id as it is written: %s', (text, rawId) => expect(scanJson(text).rawId).toBe(rawId));

  it('ends at whatever text, JSON or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\ua0 id1') }), (text) => {
        scanJson(text);
      }),
      { numRuns: 5_000 },
    );
  });
});
