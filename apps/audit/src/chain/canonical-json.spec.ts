import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';

describe('canonical JSON', () => {
  it('sorts members by UTF-16 code units and writes no white space (RFC 8785, section 3.2.3)', () => {
    const value = {
      '\u20ac': 'Euro',
      '\r': 'CR',
      '\ufb33': 'Dalet',
      '1': 'One',
      '\u{1f600}': 'Smiley',
      '\u0080': 'C',
    };
    const names = [...canonicalJson(value).matchAll(/:"(\w+)"/g)].map((match) => match[1]);
    expect(names).toEqual(['CR', 'One', 'C', 'Euro', 'Smiley', 'Dalet']);
    expect(canonicalJson({ b: [1, { d: null, c: 1e21 }], a: -0 })).toBe(
      '{"a":0,"b":[1,{"c":1e+21,"d":null}]}',
    );
  });

  it('is one text for one value, whatever the order of members, and loses nothing', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, member]) => [name, reversed(member)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
