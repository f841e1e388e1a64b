import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const READY_LIMIT_MS = 10_000;

export interface NatsServerOptions {
  /** The text of a nats-server configuration; its port is overridden. */
  config?: string;
  /** A free one if absent. */
  port?: number;
  /** Variables for the configuration, such as passwords. */
  env?: Readonly<Record<string, string>>;
}

/** A real nats-server on 127.0.0.1. */
export interface NatsServer {
  readonly url: string;
  readonly port: number;
  /** Ends it as a power cut would (SIGKILL). */
  kill(): Promise<void>;
  /** Stops it where it stands: connections stay open and nothing answers (SIGSTOP). */
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
}

/** Starts a nats-server; resolves when it greets. */
export async function startNats(options: NatsServerOptions = {}): Promise<NatsServer> {
  const binary = findNatsServer();
  const port = options.port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-nats-'));
  const file = join(folder, 'nats.conf');
  await writeFile(file, options.config ?? '');
  const child = spawn(binary, ['-c', file, '-a', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  const end = async (signal: NodeJS.Signals) => {
    await endChild(child, signal);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(child, port);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    kill: () => end('SIGKILL'),
    pause: () => pause(child),
    resume: () => void child.kill('SIGCONT'),
    stop: () => end('SIGTERM'),
  };
}

function findNatsServer(): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];
  const found = folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
  if (!found) throw new Error('nats-server is not installed: apt-get install nats-server');
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilReady(child: ChildProcess, port: number): Promise<void> {
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const giveUpAt = Date.now() + READY_LIMIT_MS;
  while (!(await greets(port))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > giveUpAt)
      throw new Error(`nats-server did not start on port ${port}:\n${output}`);
    await delay(20);
  }
}

/** True if something on this port sends the INFO line with which a NATS server begins. */
async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    const [chunk] = (await once(socket, 'data')) as Buffer[];
    return chunk?.toString().startsWith('INFO') ?? false;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A signal takes effect some time after it was sent. */
async function pause(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP');
  while (process.platform === 'linux') {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
    if (/^State:\tT/m.test(status)) return;
    await delay(5);
  }
}

async function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  child.kill('SIGCONT'); // a paused process takes no other signal
  await exited;
}
