import { Failure } from '@gatehouse/contracts';

const LF = 0x0a;
const CR = 0x0d;

interface Fields {
  event: string | null;
  data: string | null;
  id: string | null;
  retry: number | null;
}

/** One block of an event stream up to its blank line: an event, or only a comment. Read when first asked. */
export class SseEvent implements Readonly<Fields> {
  private fields: Fields | undefined;

  /**
   * @param raw the bytes as they came, the blank line included
   * @param isFirst the stream's first block, where a byte order mark is passed over
   */
  constructor(
    readonly raw: Buffer,
    private readonly isFirst = false,
  ) {}

  /** Null where the event has the default type, `message`. */
  get event(): string | null {
    return this.read().event;
  }

  /** Lines joined by LF; null where there is no `data`: nothing is dispatched then. */
  get data(): string | null {
    return this.read().data;
  }

  get id(): string | null {
    return this.read().id;
  }

  /** Milliseconds. */
  get retry(): number | null {
    return this.read().retry;
  }

  private read(): Fields {
    return (this.fields ??= readFields(this.raw.toString(), this.isFirst));
  }
}

/** The rules of the WHATWG HTML standard, section "Interpreting an event stream". */
function readFields(block: string, isFirst: boolean): Fields {
  const fields: Fields = { event: null, data: null, id: null, retry: null };
  const text = isFirst && block.startsWith('\ufeff') ? block.slice(1) : block;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') fields.data = fields.data === null ? value : `${fields.data}\n${value}`;
    else if (name === 'event') fields.event = value;
    else if (name === 'id' && !value.includes('\0')) fields.id = value;
    else if (name === 'retry' && /^[0-9]+$/.test(value)) fields.retry = Number(value);
  }
  return fields;
}

/**
 * Cuts an event stream into its events, however the bytes are chunked; the `raw` parts joined are the stream.
 * A CR at a chunk's end waits for the byte after it, which may be its LF.
 */
export class SseFrames {
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private isLineEmpty = true;
  private isFirst = true;
  private heldCr = false;

  /** @param maxEventBytes the largest event that is taken, in bytes */
  constructor(private readonly maxEventBytes = 4 * 1_024 * 1_024) {}

  /** @throws Failure `edge.upstream_broken` at an event which is too large */
  push(chunk: Buffer): SseEvent[] {
    const bytes = this.heldCr ? Buffer.concat([CR_BYTE, chunk]) : chunk;
    this.heldCr = bytes[bytes.length - 1] === CR;
    return this.cut(this.heldCr ? bytes.subarray(0, -1) : bytes);
  }

  /** The stream has ended: the event that a last CR completes. An event without its blank line is dropped. */
  end(): SseEvent[] {
    const events = this.heldCr ? this.cut(CR_BYTE) : [];
    this.heldCr = false;
    return events;
  }

  private cut(bytes: Buffer): SseEvent[] {
    const events: SseEvent[] = [];
    let blockStart = 0;
    let lineStart = 0;
    let lf = bytes.indexOf(LF);
    let cr = bytes.indexOf(CR);
    while (lf >= 0 || cr >= 0) {
      const isLf = cr < 0 || (lf >= 0 && lf < cr);
      const lineEnd = isLf ? lf : cr;
      const isBlank = this.isLineEmpty && lineEnd === lineStart;
      lineStart = !isLf && bytes[cr + 1] === LF ? cr + 2 : lineEnd + 1;
      this.isLineEmpty = true;
      if (isBlank) {
        this.keep(bytes.subarray(blockStart, lineStart));
        events.push(this.take());
        blockStart = lineStart;
      }
      if (lf >= 0 && lf < lineStart) lf = bytes.indexOf(LF, lineStart);
      if (cr >= 0 && cr < lineStart) cr = bytes.indexOf(CR, lineStart);
    }
    if (lineStart < bytes.length) this.isLineEmpty = false;
    this.keep(bytes.subarray(blockStart));
    return events;
  }

  private keep(part: Buffer): void {
    if (part.length === 0) return;
    this.pendingBytes += part.length;
    if (this.pendingBytes > this.maxEventBytes) {
      throw new Failure(
        'edge.upstream_broken',
        `The MCP server sent an event larger than ${this.maxEventBytes} bytes.`,
      );
    }
    this.pending.push(part);
  }

  private take(): SseEvent {
    const [only, ...more] = this.pending;
    const raw = more.length === 0 && only !== undefined ? only : Buffer.concat(this.pending);
    const event = new SseEvent(raw, this.isFirst);
    this.isFirst = false;
    this.pending = [];
    this.pendingBytes = 0;
    return event;
  }
}

const CR_BYTE = Buffer.from([CR]);

/**
 * An event as the bytes of an event stream.
 * @throws RangeError where `event` or `id` holds a line end: it would begin another field
 */
export function encodeSse(fields: { event?: string; id?: string; retry?: number; data?: string }): string {
  let block = '';
  if (fields.event !== undefined) block += `event: ${oneLine(fields.event)}\n`;
  if (fields.id !== undefined) block += `id: ${oneLine(fields.id)}\n`;
  if (fields.retry !== undefined) block += `retry: ${fields.retry}\n`;
  if (fields.data !== undefined) {
    for (const line of fields.data.split(/\r\n|\r|\n/)) block += `data: ${line}\n`;
  }
  return `${block}\n`;
}

function oneLine(value: string): string {
  if (/[\r\n\0]/.test(value)) throw new RangeError('a field of an event stream is one line without NUL');
  return value;
}
