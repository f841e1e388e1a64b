import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { StartError } from '@gatehouse/runtime';

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Called with the port of each ready line. */
  readonly onReady?: (port: number, line: Readonly<Record<string, unknown>>) => void;
}

const RESTART_MS = 500;
/** With this code a service says that it cannot start as it is configured: once more would not help. */
const CANNOT_START = 1;

/** A process that is started again whenever it dies, as an orchestrator would; its lines are shown under its name. */
export class Child {
  private process: ChildProcess | null = null;
  private stopping = false;
  private wasReady = false;
  private markReady: () => void = () => undefined;
  private refuse: (error: StartError) => void = () => undefined;
  /** Resolves with the first ready line; rejects with StartError if the process says that it cannot start. */
  readonly ready = new Promise<void>((resolve, reject) => {
    this.markReady = resolve;
    this.refuse = reject;
  });

  constructor(private readonly options: ChildOptions) {
    process.once('exit', () => this.process?.kill('SIGKILL'));
    this.start();
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    this.stopping = true;
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    });
  }

  private start(): void {
    const { name, command, args, env, onReady } = this.options;
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.process = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.onLine(line));
    createInterface({ input: child.stderr }).on('line', (line) => process.stderr.write(`${name}: ${line}\n`));
    child.once('exit', (code, signal) => {
      if (this.stopping) return;
      if (code === CANNOT_START && onReady && !this.wasReady)
        return this.refuse(new StartError(`${name} cannot start: see its lines above`));
      process.stderr.write(`${name}: ended (${signal ?? code}), starting it again\n`);
      setTimeout(() => this.stopping || this.start(), RESTART_MS);
    });
  }

  private onLine(line: string): void {
    const parsed = readyLine(line);
    if (!parsed) return void process.stderr.write(`${this.options.name}: ${line}\n`);
    process.stderr.write(`${this.options.name}: ready\n`);
    this.wasReady = true;
    this.options.onReady?.(Number(parsed['port']), parsed);
    this.markReady();
  }
}

function readyLine(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{"ready":true')) return null;
  return JSON.parse(line) as Record<string, unknown>;
}
