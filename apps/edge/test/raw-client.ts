import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** A connection on which everything can be sent that Node's own clients would put right. */
export class RawClient {
  private received = '';
  closed = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.received += chunk.toString('latin1')));
    socket.on('error', () => undefined); // a cut connection is one of the answers
    socket.on('close', () => (this.closed = true));
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Sends the lines of a head, and what follows it. */
  send(head: readonly string[], body: string | Buffer = ''): void {
    this.socket.write(`${head.join('\r\n')}\r\n\r\n`);
    if (body.length > 0) this.socket.write(body);
  }

  /** The next whole answer; status 0 if the connection is closed without one. */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const whole = this.takeWhole();
      if (whole) return whole;
      if (this.closed) return { status: 0, head: '', body: this.received };
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]).catch(() => undefined);
    }
  }

  async untilClosed(): Promise<void> {
    if (!this.closed) await once(this.socket, 'close');
  }

  close(): void {
    this.socket.destroy();
  }

  private takeWhole(): RawAnswer | null {
    const end = this.received.indexOf('\r\n\r\n');
    if (end === -1) return null;
    const head = this.received.slice(0, end);
    const length = this.bodyLength(head, end + 4);
    if (length === null || this.received.length < end + 4 + length) return null;
    const body = this.received.slice(end + 4, end + 4 + length);
    this.received = this.received.slice(end + 4 + length);
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head, body };
  }

  /** Chunks stay as they came. Null while their end is not there. */
  private bodyLength(head: string, start: number): number | null {
    if (!/transfer-encoding: chunked/i.test(head))
      return Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const last = this.received.indexOf('0\r\n\r\n', start);
    return last === -1 ? null : last + 5 - start;
  }
}
