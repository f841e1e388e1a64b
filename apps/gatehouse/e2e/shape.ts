import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';

/** Whole installations are started and stopped in these tests. */
jest.setTimeout(180_000);

/** The two shapes of one product: everything in one process, or each service in its own over NATS. */
export const SHAPES = ['all-in-one', 'processes'] as const;
export type Shape = (typeof SHAPES)[number];

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const ADMIN = { email: 'admin@example.com', password: 'correct horse battery staple' };

const ENTRY = { 'all-in-one': 'apps/gatehouse/dist/main.js', processes: 'tools/dev/dist/main.js' };
const READY_LIMIT_MS = 120_000;

export interface ReadyLine {
  readonly url: string;
  readonly mcp: string;
  readonly setup?: string;
  /** Of the processes of the second shape. */
  readonly pids?: Readonly<Record<string, number>>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** An existing data folder; else a new one that goes with the installation. */
  readonly data?: string;
  readonly port?: number;
}

/** A whole installation, started as its users start it. */
export class Installation {
  /** All that it printed. */
  output = '';
  /** Ended, and everything it printed is in `output`. */
  private readonly closed: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    readonly data: string,
    readonly port: number,
  ) {
    this.closed = once(child, 'close');
  }

  /** Starts one without waiting for it. */
  static async launch(shape: Shape, options: StartOptions = {}): Promise<Installation> {
    const data = options.data ?? (await mkdtemp(join(tmpdir(), 'gatehouse-e2e-')));
    const port = options.port ?? (await freePort());
    const child = spawn(process.execPath, [join(ROOT, ENTRY[shape])], {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: process.env['HOME'] ?? '',
        GATEHOUSE_DATA: data,
        GATEHOUSE_PORT: String(port),
        GATEHOUSE_ADMIN_EMAIL: ADMIN.email,
        GATEHOUSE_ADMIN_PASSWORD: ADMIN.password,
        ...options.env,
      },
    });
    const installation = new Installation(child, data, port);
    child.stderr?.on('data', (chunk: Buffer) => (installation.output += chunk.toString()));
    child.stdout?.on('data', (chunk: Buffer) => (installation.output += chunk.toString()));
    return installation;
  }

  /** Starts one and waits for its ready line. */
  static async start(shape: Shape, options: StartOptions = {}): Promise<Installation & ReadyLine> {
    const installation = await Installation.launch(shape, options);
    return Object.assign(installation, await installation.ready());
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** @throws Error with all that was printed, if it ends or takes more than two minutes */
  async ready(): Promise<ReadyLine> {
    const lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    const limit = AbortSignal.timeout(READY_LIMIT_MS);
    const ended = once(this.child, 'exit', { signal: limit }).then(() => null);
    const line = await Promise.race([readyLine(lines), ended]).catch(() => null);
    if (line === null) throw new Error(`not ready:\n${this.output}`);
    return JSON.parse(line) as ReadyLine;
  }

  /** @returns the exit code, once the process has ended by itself */
  async ended(): Promise<number | null> {
    await this.closed;
    return this.child.exitCode;
  }

  /** Ends it as a power cut would. The data folder stays. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended();
  }

  /** Asks it to end, as an orchestrator does. */
  terminate(signal: 'SIGTERM' | 'SIGHUP' = 'SIGTERM'): void {
    this.child.kill(signal);
  }

  /** Resolves when it has printed such a line. `from`: how much of the output was there already. */
  async printed(pattern: RegExp, limitMs: number, from = 0): Promise<void> {
    const signal = AbortSignal.timeout(limitMs);
    const ended = this.closed.then(() => {
      throw new Error(`it ended without ${pattern.source}:\n${this.output}`);
    });
    while (!pattern.test(this.output.slice(from)))
      await Promise.race([once(this.child.stderr as NodeJS.ReadableStream, 'data', { signal }), ended]);
    ended.catch(() => undefined); // it may end later
  }

  /** Ends it in order; removes the data folder unless told to keep it. */
  async stop(options: { keepData?: boolean } = {}): Promise<number | null> {
    this.child.kill('SIGINT');
    const code = await this.ended();
    if (!options.keepData) await removeFolder(this.data);
    return code;
  }
}

async function readyLine(lines: AsyncIterable<string>): Promise<string | null> {
  for await (const line of lines) if (line.startsWith('{"ready":true')) return line;
  return null;
}

/** Removes a folder in which a database may just be ending: one whose installation could not start ends by itself. */
export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
