/**
 * Walks JSON text by position, so that parts can be cut out of it with the rest left byte for byte.
 * What it steps over it does not judge. Throws SyntaxError where the text is not what the walk expects.
 */
export class JsonCursor {
  /** Index of the next character. */
  at = 0;

  constructor(readonly text: string) {}

  /** The next character that is not white space; empty at the end. */
  peek(): string {
    while (this.text.charCodeAt(this.at) <= SPACE) this.at++;
    return this.text.charAt(this.at);
  }

  /** Calls `visit` at each member's value, which it must read or skip. */
  members(visit: (name: string) => void): void {
    this.take('{');
    if (this.takeIf('}')) return;
    do {
      const name = this.string();
      this.take(':');
      this.peek();
      visit(name);
    } while (this.takeIf(','));
    this.take('}');
  }

  /** Calls `visit` at each element, which it must read or skip. */
  elements(visit: () => void): void {
    this.take('[');
    if (this.takeIf(']')) return;
    do {
      this.peek();
      visit();
    } while (this.takeIf(','));
    this.take(']');
  }

  string(): string {
    if (this.peek() !== '"') throw this.unexpected();
    const from = this.at;
    this.at = this.endOfString(from);
    const written = this.text.slice(from, this.at);
    return written.includes('\\') ? (JSON.parse(written) as string) : written.slice(1, -1);
  }

  /** Steps over one value of any kind. */
  skip(): void {
    const first = this.peek();
    if (first === '"') this.at = this.endOfString(this.at);
    else if (first === '{' || first === '[') this.skipContainer();
    else {
      SCALAR.lastIndex = this.at;
      if (!SCALAR.test(this.text)) throw this.unexpected();
      this.at = SCALAR.lastIndex;
    }
  }

  private skipContainer(): void {
    const { text } = this;
    let depth = 0;
    let i = this.at;
    do {
      const code = text.charCodeAt(i);
      if (code === QUOTE) i = this.endOfString(i);
      else {
        // "[" and "{", "]" and "}" differ in this bit only.
        if ((code & ~0x20) === 0x5b) depth++;
        else if ((code & ~0x20) === 0x5d) depth--;
        i++;
      }
    } while (depth > 0 && i < text.length);
    this.at = i;
    if (depth > 0) throw this.unexpected();
  }

  /** The index after the string that begins at `from`. */
  private endOfString(from: number): number {
    const { text } = this;
    for (let i = from + 1; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === QUOTE) return i + 1;
      if (code === BACKSLASH) i++;
    }
    throw this.unexpected();
  }

  private take(character: string): void {
    if (!this.takeIf(character)) throw this.unexpected();
  }

  private takeIf(character: string): boolean {
    if (this.peek() !== character) return false;
    this.at++;
    return true;
  }

  private unexpected(): SyntaxError {
    return new SyntaxError(`unexpected JSON at ${this.at}`);
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** White space, and controls which no JSON parser takes there. */
const SPACE = 0x20;
const SCALAR = /[-+.0-9a-zA-Z]+/y;
