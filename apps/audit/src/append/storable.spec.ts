import fc from 'fast-check';
import { callRecord } from '../../test/start-audit.js';
import { storable } from './storable.js';

const storedArguments = (value: unknown) => storable(callRecord({ arguments: value })).arguments;

describe('a record as stored', () => {
  it('is unchanged where Postgres can hold it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => {
        fc.pre(!/\\u0000|\\ud[89a-f]/.test(JSON.stringify(value)));
        expect(storedArguments(value)).toEqual(value);
      }),
    );
  });

  it('shows NUL as U+2400 and a lone surrogate as U+FFFD, in values and in names', () => {
    const value = { 'a\0b': 'c\0d', half: '\ud83d', whole: '\u{1f600}', 'x\udc00': ['\udc00\ud83d'] };
    expect(storedArguments(value)).toEqual({
      'a\u2400b': 'c\u2400d',
      half: '\ufffd',
      whole: '\u{1f600}',
      'x\ufffd': ['\ufffd\ufffd'],
    });
  });

  it('keeps both members whose names become one', () => {
    expect(storedArguments({ 'a\0': 1, 'a\u2400': 2 })).toEqual({ 'a\u2400': 1, 'a\u2400\ufffd': 2 });
  });

  it('keeps a member named __proto__ a member', () => {
    const value: unknown = JSON.parse('{"__proto__": {"admin": true}}');
    expect(JSON.stringify(storedArguments(value))).toBe('{"__proto__":{"admin":true}}');
  });

  it('is cut where it is nested absurdly deep', () => {
    let deep: unknown = 'bottom';
    for (let level = 0; level < 5_000; level++) deep = [deep];
    expect(JSON.stringify(storedArguments(deep))).toMatch(
      /^\[{99}"\[nested deeper than 100 levels\]"\]{99}$/,
    );
  });

  it('is well-formed Unicode without NUL, whatever came', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
        (text) => {
          const stored = storable(callRecord({ tool: text })).tool;
          expect(stored).toBe(Buffer.from(stored).toString());
          expect(stored).not.toContain('\0');
          expect(stored).toHaveLength(text.length);
        },
      ),
    );
  });
});
