import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

const PASSWORD = 'valkey-password';
const SERVER = 'exec "$(command -v valkey-server || command -v redis-server)" "$@"';

/** A real valkey-server, or the redis-server from which it was forked: both speak the same protocol. */
export class ValkeyServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(port?: number): Promise<ValkeyServer> {
    const args = ['--port', String((port ??= await freePort())), '--bind', '127.0.0.1', '--save', ''];
    const child = spawn('sh', ['-c', SERVER, 'valkey', ...args, '--requirepass', PASSWORD], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout }))
      if (/ready to accept connections/i.test(line)) return new ValkeyServer(child, port);
    throw new Error('neither valkey-server nor redis-server starts: apt-get install redis-server');
  }

  get url(): string {
    return `valkey://:${PASSWORD}@127.0.0.1:${this.port}`;
  }

  /** Stops it where it stands: connections stay open and nothing answers. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
