/** How much structure is read before a text is refused. */
export interface JsonLimits {
  /** Containers within each other. */
  readonly depth: number;
  /** Objects and arrays, all together. */
  readonly containers: number;
  /** Names of members, all objects together. */
  readonly keys: number;
  /** Characters of one name. */
  readonly keyLength: number;
}

export const JSON_LIMITS: JsonLimits = { depth: 64, containers: 65_536, keys: 65_536, keyLength: 1_024 };

export interface JsonScan {
  readonly fault: { readonly place: string; readonly reason: string } | null;
  /** The value of the root's member `id` as it stands in the text; empty where there is none. */
  readonly rawId: string;
}

/**
 * Finds in one pass what `JSON.parse` forgives and another parser may read differently: repeated names, NUL and
 * half surrogate pairs in escapes, the name `__proto__`; and refuses too much structure before anything is built of it.
 * It does not judge the grammar: a text counts as JSON only if `JSON.parse` takes it as well.
 */
export function scanJson(text: string, limits: JsonLimits = JSON_LIMITS): JsonScan {
  return new Scanner(text, limits).run();
}

/** An object or array that is not closed yet. */
interface Container {
  /** The names so far; null in an array. */
  readonly names: string[] | null;
  /** The same names once they are many. */
  seen: Set<string> | null;
  /** The member or element being read, for messages. */
  name: string;
  index: number;
}

/** Up to here comparing one by one is quicker than hashing, and nobody can make it slow. */
const FEW_NAMES = 16;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

class Scanner {
  private readonly open: Container[] = [];
  private top: Container | undefined;
  private at = 0;
  private containers = 0;
  private keys = 0;
  private nameExpected = false;
  private valueFrom = 0;
  private rawId = '';
  private fault: JsonScan['fault'] = null;

  constructor(
    private readonly text: string,
    private readonly limits: JsonLimits,
  ) {}

  run(): JsonScan {
    const { text } = this;
    while (this.at < text.length && this.fault === null) {
      const code = text.charCodeAt(this.at);
      if (code === QUOTE) this.readString();
      else {
        if (code === COMMA) this.separate();
        else if (code === COLON) this.valueFrom = this.at + 1;
        else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.enter(code === OPEN_BRACE);
        else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) this.leave();
        this.at++;
      }
    }
    return { fault: this.fault, rawId: this.rawId };
  }

  private enter(isObject: boolean): void {
    if (this.open.length === this.limits.depth) return this.refuse(`nested deeper than ${this.limits.depth}`);
    if (++this.containers > this.limits.containers) {
      return this.refuse(`more than ${this.limits.containers} objects and arrays`);
    }
    this.top = { names: isObject ? [] : null, seen: null, name: '', index: 0 };
    this.open.push(this.top);
    this.nameExpected = isObject;
  }

  private leave(): void {
    this.endOfMember();
    this.open.pop();
    this.top = this.open[this.open.length - 1];
    this.nameExpected = false;
  }

  private separate(): void {
    this.endOfMember();
    if (this.top === undefined) return;
    this.nameExpected = this.top.names !== null;
    this.top.index++;
  }

  private endOfMember(): void {
    if (this.open.length === 1 && this.top?.name === 'id') {
      this.rawId = this.text.slice(this.valueFrom, this.at).trim();
    }
  }

  /** Steps over the string that begins here. An unfinished one ends the scan: `JSON.parse` will say so. */
  private readString(): void {
    const { text } = this;
    const from = this.at + 1;
    let escaped = false;
    let i = from;
    while (i < text.length) {
      const code = text.charCodeAt(i);
      if (code === QUOTE) break;
      if (code !== BACKSLASH) i++;
      else {
        escaped = true;
        i = endOfEscape(text, i);
        if (i < 0) return this.refuse('an escape stands for NUL or for half a character');
      }
    }
    this.at = i + 1;
    if (this.nameExpected) this.addName(from, i, escaped);
  }

  private addName(from: number, to: number, escaped: boolean): void {
    this.nameExpected = false;
    if (to - from > this.limits.keyLength) {
      return this.refuse(`a name is longer than ${this.limits.keyLength} characters`);
    }
    if (++this.keys > this.limits.keys) return this.refuse(`more than ${this.limits.keys} names`);
    const container = this.top;
    if (container === undefined) return;
    const written = this.text.slice(from, to);
    const name = escaped ? unescaped(written) : written;
    container.name = name;
    if (name === '__proto__') return this.refuse('this name is not accepted');
    if (isRepeated(container, name)) this.refuse('this name is repeated');
  }

  private refuse(reason: string): void {
    const path = this.open
      .map(({ names, name, index }) => (names === null ? `[${index}]` : `.${name}`))
      .join('');
    const place = path.startsWith('.') ? path.slice(1) : path;
    this.fault = { place: place.length > 200 ? `${place.slice(0, 200)}...` : place, reason };
  }
}

function isRepeated(container: Container, name: string): boolean {
  const { names, seen } = container;
  if (seen !== null) return seen.size === seen.add(name).size;
  if (names === null || names.includes(name)) return names !== null;
  if (names.push(name) > FEW_NAMES) container.seen = new Set(names);
  return false;
}

/** The index after the escape at `at`, or -1 where it stands for NUL or for half of a surrogate pair. */
function endOfEscape(text: string, at: number): number {
  if (text[at + 1] !== 'u') return at + 2;
  const unit = hex4(text, at + 2);
  if (unit === 0) return -1;
  if ((unit & 0xf800) !== 0xd800) return at + 6;
  const isPair = unit < 0xdc00 && text.startsWith('\\u', at + 6) && (hex4(text, at + 8) & 0xfc00) === 0xdc00;
  return isPair ? at + 12 : -1;
}

/** Four hexadecimal digits. For anything else the result means nothing, and `JSON.parse` refuses the text. */
function hex4(text: string, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const code = text.charCodeAt(i);
    value = (value << 4) | ((code & 0xf) + (code > 0x40 ? 9 : 0));
  }
  return value;
}

function unescaped(written: string): string {
  try {
    return JSON.parse(`"${written}"`) as string;
  } catch {
    return written;
  }
}
