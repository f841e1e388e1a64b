import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';

const LIMIT_MS = 60_000;
export const ENTER = '\r';
export const DOWN = '\x1b[B';

/** A program on a terminal of its own (util-linux `script`). */
export class Terminal {
  private readonly child: ChildProcessWithoutNullStreams;
  private output = '';
  /** How much of the output was there before the last keys. */
  private from = 0;

  constructor(command: readonly string[], where: { env: Readonly<Record<string, string>>; cwd: string }) {
    const line = command.map((word) => `'${word}'`).join(' ');
    this.child = spawn('script', ['-qefc', `stty cols 150 rows 50; exec ${line}`, '/dev/null'], where);
    this.child.stdout.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  press(keys: string): void {
    this.from = this.output.length;
    this.child.stdin.write(keys);
  }

  /** @throws Error with what was shown, unless this is shown within a minute of the last keys */
  async shows(pattern: RegExp): Promise<void> {
    const signal = AbortSignal.timeout(LIMIT_MS);
    while (!pattern.test(this.shown))
      await once(this.child.stdout, 'data', { signal }).catch(() => {
        throw new Error(`${pattern.source} was not shown, but:\n${this.shown}`);
      });
  }

  /** @throws Error with what was shown, unless it ends well by itself */
  async ends(): Promise<void> {
    const [code] = (await once(this.child, 'close', { signal: AbortSignal.timeout(LIMIT_MS) })) as [number];
    if (code !== 0) throw new Error(`ended with ${code}:\n${this.shown}`);
  }

  close(): void {
    this.child.kill();
  }

  private get shown(): string {
    return stripVTControlCharacters(this.output.slice(this.from));
  }
}
