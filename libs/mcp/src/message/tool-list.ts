import { Failure } from '@gatehouse/contracts';
import { JsonCursor } from './json-cursor.js';

export interface FilteredToolList {
  /** How many tools were cut out. */
  readonly hidden: number;
  /** The response: the very same text where nothing had to change. */
  readonly text: string;
}

/**
 * Cuts the tools a caller may not use out of the response to `tools/list`, and says that the list is this caller's
 * own (`cacheScope`, MCP 2026-07-28). All else stays byte for byte: ids, numbers and members which nobody here knows.
 * A response without a list (an error) passes unchanged.
 * @param text one JSON-RPC response
 * @throws Failure `edge.upstream_broken` where the response can be read in two ways or not at all
 */
export function filterToolList(text: string, mayUse: (tool: string) => boolean): FilteredToolList {
  try {
    return new ToolListFilter(text, mayUse).run();
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new Failure(
      'edge.upstream_broken',
      'The MCP server answered tools/list with something unreadable.',
      {
        cause,
      },
    );
  }
}

class ToolListFilter {
  private readonly cursor: JsonCursor;
  private hidden = 0;
  /** What is written so far, and up to where the original is used up. */
  private written = '';
  private copied = 0;

  constructor(
    private readonly text: string,
    private readonly mayUse: (tool: string) => boolean,
  ) {
    this.cursor = new JsonCursor(text);
  }

  run(): FilteredToolList {
    this.visit({ result: () => this.result() });
    if (this.cursor.peek() !== '') throw new SyntaxError('more than one document');
    const isSame = this.copied === 0;
    return { hidden: this.hidden, text: isSame ? this.text : this.written + this.text.slice(this.copied) };
  }

  private result(): void {
    if (this.cursor.peek() !== '{') return this.cursor.skip();
    this.visit({ tools: () => this.tools(), cacheScope: () => this.cacheScope() });
  }

  private tools(): void {
    const { cursor } = this;
    const from = cursor.at;
    const kept: string[] = [];
    const before = this.hidden;
    cursor.elements(() => {
      const start = cursor.at;
      const name = this.toolName();
      if (name !== null && this.mayUse(name)) kept.push(this.text.slice(start, cursor.at));
      else this.hidden++;
    });
    if (this.hidden > before) this.replace(from, `[${kept.join(',')}]`);
  }

  /** The name of the tool here, which is stepped over; null for anything that has none. */
  private toolName(): string | null {
    if (this.cursor.peek() !== '{') {
      this.cursor.skip();
      return null;
    }
    let name: string | null = null;
    this.visit({
      name: () => {
        if (this.cursor.peek() === '"') name = this.cursor.string();
        else this.cursor.skip();
      },
    });
    return name;
  }

  private cacheScope(): void {
    const from = this.cursor.at;
    this.cursor.skip();
    if (this.text.slice(from, this.cursor.at) !== '"private"') this.replace(from, '"private"');
  }

  /** Reads the object here: each member of `readers` at most once, the others are stepped over. */
  private visit(readers: Readonly<Record<string, () => void>>): void {
    const seen: string[] = [];
    this.cursor.members((name) => {
      if (!Object.hasOwn(readers, name)) return this.cursor.skip();
      if (seen.includes(name)) throw new SyntaxError(`${name} is repeated`);
      seen.push(name);
      readers[name]!();
    });
  }

  /** Writes `replacement` for the original from `from` to the cursor. */
  private replace(from: number, replacement: string): void {
    this.written += this.text.slice(this.copied, from) + replacement;
    this.copied = this.cursor.at;
  }
}
