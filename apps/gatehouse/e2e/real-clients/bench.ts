import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { run, type CommandResult } from '../command-line.js';
import { ADMIN, ROOT } from '../shape.js';

export const CLIENTS = join(ROOT, 'tools/clients/node_modules');
export const VENDORS = join(ROOT, 'tools/clients/vendors/node_modules');
/** Some clients want a newer Node than we do. */
export const NODE_24 = join(CLIENTS, `node-linux-${process.arch}/bin/node`);
const BROWSER = join(ROOT, 'apps/gatehouse/e2e/chromium.mjs');
const LIMIT_MS = 120_000;
const LOOK_EVERY_MS = 250;

const exec = promisify(execFile);

/** A person's machine: a home of its own, and a browser in which that person signs in and approves. */
export class Bench {
  private terminals = 0;

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

  /** On a terminal, for those that insist on one. */
  runOnTerminal(command: string, args: readonly string[]): Promise<CommandResult> {
    const line = [command, ...args].map((word) => `'${word}'`).join(' ');
    return this.run('script', ['-qec', line, '/dev/null']);
  }

  /** Opens a program that draws on its screen. */
  async open(command: string, args: readonly string[]): Promise<Terminal> {
    const terminal = new Terminal(join(this.home, `terminal-${++this.terminals}`), this.environment);
    await terminal.start([command, ...args], this.home);
    return terminal;
  }

  /** Takes everything away, also the processes that a client leaves behind. */
  async clear(): Promise<void> {
    for (const pid of await processesWith(`HOME=${this.home}\0`)) process.kill(pid, 'SIGKILL');
    await rm(this.home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
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

/** A screen (tmux), its own server, so that nothing of it is left. */
export class Terminal {
  constructor(
    private readonly socket: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  async start(command: readonly string[], cwd: string): Promise<void> {
    await this.tmux('new-session', '-d', '-s', 'main', '-x', '150', '-y', '50', '-c', cwd, ...command);
  }

  /** Presses keys, by tmux's names of them, or types a text. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      await this.tmux('send-keys', '-t', 'main', key);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS)); // it draws between two keys
    }
  }

  /** @throws Error with the screen, if this is not shown within two minutes */
  async shows(pattern: RegExp): Promise<void> {
    const end = Date.now() + LIMIT_MS;
    let screen = '';
    while (!pattern.test(screen)) {
      if (Date.now() > end) throw new Error(`${pattern.source} was not shown, but:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      screen = await this.tmux('capture-pane', '-p', '-t', 'main');
    }
  }

  async close(): Promise<void> {
    await this.tmux('kill-server').catch(() => undefined); // may have ended with its program
  }

  private async tmux(...args: readonly string[]): Promise<string> {
    const { stdout } = await exec('tmux', ['-S', this.socket, ...args], { env: this.env });
    return stdout;
  }
}
