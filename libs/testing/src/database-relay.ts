import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a database that can be cut and mended: what a network failure looks like to the service. */
export class DatabaseRelay {
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((near) => {
    const far = connect(Number(this.target.port), this.target.hostname);
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => [near, far].forEach((end) => end.destroy()));
      socket.on('close', () => this.sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });

  private constructor(
    private readonly target: URL,
    private port = 0,
  ) {}

  static async to(url: string): Promise<DatabaseRelay> {
    const relay = new DatabaseRelay(new URL(url));
    await relay.mend();
    return relay;
  }

  /** The database's URL by way of this relay. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.href;
  }

  async cut(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  async mend(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }
}
