/** A challenge of RFC 9110, section 11.6.1. */
export interface Challenge {
  /** As written: compare without regard to case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly params: ReadonlyMap<string, string>;
}

export interface BearerChallenge {
  /** RFC 9728, section 5.1: the URL of the resource's metadata. */
  readonly resourceMetadata?: string;
  /** Scopes that would do, separated by spaces. */
  readonly scope?: string;
  /** RFC 6750, section 3.1. Left out where no token came at all. */
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope';
  readonly errorDescription?: string;
}

/** The value of `WWW-Authenticate` for a Bearer token (RFC 6750, section 3). */
export function bearerChallenge(challenge: BearerChallenge): string {
  const params = [
    ['resource_metadata', challenge.resourceMetadata],
    ['scope', challenge.scope],
    ['error', challenge.error],
    ['error_description', challenge.errorDescription],
  ] as const;
  const given = params.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quoted(value)}`]));
  return given.length === 0 ? 'Bearer' : `Bearer ${given.join(', ')}`;
}

function quoted(value: string): string {
  return `"${value.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PARAM = new RegExp(
  `(${TOKEN})[ \\t]*=[ \\t]*(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)")[ \\t]*(?:,[ \\t,]*|$)`,
  'y',
);
const SCHEME = new RegExp(`(${TOKEN})(?: +|[ \\t]*,[ \\t,]*|$)`, 'y');
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*[ \t]*(?:,[ \t,]*|$)/y;

/** Reads `WWW-Authenticate`. What cannot be read ends the list: an unreadable challenge is no challenge. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let at = 0;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  while (at < header.length) {
    const [, scheme] = next(SCHEME) ?? [];
    if (scheme === undefined) break;
    const params = new Map<string, string>();
    let param = next(PARAM);
    // A lone token here is either a token68 of this scheme or the next scheme: only the latter has something after a space.
    if (param === null && header[at - 1] === ' ') next(TOKEN68);
    for (; param !== null; param = next(PARAM)) {
      const [, name = '', token, text = ''] = param;
      params.set(name.toLowerCase(), token ?? text.replace(/\\(.)/g, '$1'));
    }
    challenges.push({ scheme, params });
  }
  return challenges;
}
