import fc from 'fast-check';
import { bearerChallenge, parseChallenges } from './www-authenticate.js';

const read = (header: string): object[] =>
  parseChallenges(header).map(({ scheme, params }) => ({ scheme, ...Object.fromEntries(params) }));

describe('a Bearer challenge', () => {
  it('names the metadata, the scopes and the error', () => {
    expect(
      bearerChallenge({
        resourceMetadata: 'https://g/.well-known/x',
        scope: 'mcp:read mcp:call',
        error: 'invalid_token',
      }),
    ).toBe(
      'Bearer resource_metadata="https://g/.well-known/x", scope="mcp:read mcp:call", error="invalid_token"',
    );
    expect(bearerChallenge({})).toBe('Bearer');
  });

  it('comes back whole when read, whatever the text, and is one safe line', () => {
    const printable = fc.string({ unit: 'grapheme-ascii' });
    fc.assert(
      fc.property(printable, printable, (scope, errorDescription) => {
        expect(read(bearerChallenge({ scope, errorDescription }))).toEqual([
          { scheme: 'Bearer', scope, error_description: errorDescription },
        ]);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (errorDescription) => {
        expect(bearerChallenge({ errorDescription })).toMatch(/^Bearer error_description="[\x20-\x7e]*"$/);
      }),
    );
  });
});

describe('reading challenges', () => {
  it.each([
    ['Bearer', [{ scheme: 'Bearer' }]],
    [
      'Bearer realm="a, b", error=invalid_token',
      [{ scheme: 'Bearer', realm: 'a, b', error: 'invalid_token' }],
    ],
    ['bearer Resource_Metadata = "x"', [{ scheme: 'bearer', resource_metadata: 'x' }]],
    [
      'Basic realm="x", Bearer scope="y"',
      [
        { scheme: 'Basic', realm: 'x' },
        { scheme: 'Bearer', scope: 'y' },
      ],
    ],
    ['Negotiate, Bearer scope="y"', [{ scheme: 'Negotiate' }, { scheme: 'Bearer', scope: 'y' }]],
    ['Negotiate abc==, Bearer scope="y"', [{ scheme: 'Negotiate' }, { scheme: 'Bearer', scope: 'y' }]],
    ['', []],
    ['Bearer scope="unfinished', [{ scheme: 'Bearer' }]],
    ['"x"', []],
  ])('reads %s', (header, expected) => expect(read(header)).toEqual(expected));

  it('ends at whatever text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'aB=", \\\t') }),
        (header) => void parseChallenges(header),
      ),
    );
  });
});
