import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run, type CommandResult } from '../command-line.js';
import { ADMIN, ROOT } from '../shape.js';
import { Terminal } from './terminal.js';

export const CLIENTS = join(ROOT, 'tools/clients/node_modules');
export const VENDORS = join(ROOT, 'tools/clients/vendors/node_modules');
/** Some clients want a newer Node than we do. */
export const NODE_24 = join(CLIENTS, `node-linux-${process.arch}/bin/node`);
const BROWSER = join(ROOT, 'apps/gatehouse/e2e/chromium.mjs');
const LIMIT_MS = 120_000;

/** A person's machine: a home of its own, and a browser in which that person signs in and approves. */
export class Bench {
  private constructor(
    /** What the person pastes into the client. */
    readonly mcp: string,
    readonly home: string,
    /** Variables that the client wants. */
    private readonly wanted: Readonly<Record<string, string>>,
  ) {}

  static async at(mcp: string, wanted: Readonly<Record<string, string>> = {}): Promise<Bench> {
    const home = await mkdtemp(join(tmpdir(), 'gatehouse-home-'));
    const bench = new Bench(mcp, home, wanted);
    await bench.file('bin/xdg-open', '#!/bin/sh\nexec "$BROWSER" "$@"\n');
    await chmod(join(home, 'bin/xdg-open'), 0o755);
    return bench;
  }

  get environment(): Readonly<Record<string, string>> {
    return {
      PATH: [join(this.home, 'bin'), join(NODE_24, '..'), process.env['PATH'] ?? ''].join(delimiter),
      HOME: this.home,
      TERM: 'xterm-256color',
      BROWSER,
      E2E_EMAIL: ADMIN.email,
      E2E_PASSWORD: ADMIN.password,
      E2E_SCOPE_FILE: join(this.home, 'scope'),
      ...this.wanted,
    };
  }

  /** Lets the person grant only these scopes at the next sign-in, whatever the client asks for. */
  grantOnly(scope: string): Promise<void> {
    return this.file('scope', scope);
  }

  /** Writes a file into the home. */
  async file(path: string, content: string): Promise<void> {
    await mkdir(join(this.home, path, '..'), { recursive: true });
    await writeFile(join(this.home, path), content);
  }

  run(command: string, args: readonly string[]): Promise<CommandResult> {
    return run(command, args, { env: this.environment, cwd: this.home, timeoutMs: LIMIT_MS });
  }

  /** Opens a program on a terminal, for those that insist on one. */
  open(command: string, args: readonly string[]): Terminal {
    return new Terminal([command, ...args], { env: this.environment, cwd: this.home });
  }

  /** Takes everything away, also the processes that a client leaves behind. */
  async clear(): Promise<void> {
    for (const pid of await processesWith(`HOME=${this.home}\0`)) end(pid);
    await rm(this.home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

/** Those in whose environment something stands, as Linux tells. */
async function processesWith(variable: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const environments = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')), // may have ended by now
  );
  return pids.filter((_, index) => environments[index]?.includes(variable));
}
