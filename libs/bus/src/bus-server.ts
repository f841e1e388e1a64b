import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import type { Contract } from '@gatehouse/contracts';
import { lastValueFrom } from 'rxjs';
import type { Bus } from './bus.js';

/**
 * Puts the handlers that Nest has found (see Handle, Listen) on the bus:
 * `NestFactory.createMicroservice(Module, { strategy: new BusServer(bus) })`.
 */
export class BusServer extends Server implements CustomTransportStrategy {
  private readonly found: Array<{ contract: Contract; handler: MessageHandler }> = [];

  constructor(private readonly bus: Bus) {
    super();
  }

  /** Nest's own keeps one handler per pattern and forgets the others without a word. */
  override addHandler(pattern: unknown, handler: MessageHandler, _isEvent?: boolean, extras?: object): void {
    if (!extras || !('contract' in extras))
      throw new Error(`${JSON.stringify(pattern)} has no contract: use @Handle or @Listen`);
    this.found.push({ contract: extras.contract as Contract, handler });
  }

  /** Calls back when the broker knows every handler, or with the reason why not. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      for (const { contract, handler } of this.found) this.bind(contract, handler);
      await this.bus.flush();
    } catch (error) {
      return callback(error);
    }
    callback();
  }

  close(): void {
    // Whoever made the bus drains it.
  }

  on(): never {
    throw new Error('BusServer has no events: see Bus.onReconnect');
  }

  unwrap<T>(): T {
    return this.bus as T;
  }

  private bind(contract: Contract, handler: MessageHandler): void {
    const call = async (body: unknown) => lastValueFrom<unknown>(this.transformToObservable(handler(body)));
    if (contract.kind === 'request') this.bus.handle(contract, call);
    else this.bus.subscribe(contract, async (payload) => void (await call(payload)));
  }
}
