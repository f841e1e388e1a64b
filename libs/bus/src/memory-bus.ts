import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ServiceName } from '@gatehouse/contracts';
import { printBug, type OnBug } from './bug.js';
import type { Bus } from './bus.js';
import { CheckedBus, type Answer, type Listener } from './checked-bus.js';
import { busFailure } from './wire.js';

/** The same limit as a NATS server's, so that nothing works in one process that fails in several. */
const MAX_MESSAGE_BYTES = 1_048_576;

/** All services in one process. Messages are JSON here too: services cannot share objects by accident. */
export class MemoryBroker {
  readonly answers = new Map<string, Answer[]>();
  readonly listeners = new Map<string, Set<Listener>>();

  connect(service: ServiceName, options: { onBug?: OnBug } = {}): Bus {
    return new MemoryBus(this, service, options.onBug ?? printBug);
  }
}

class MemoryBus extends CheckedBus {
  protected readonly maxMessageBytes = MAX_MESSAGE_BYTES;
  private readonly leaving: Array<() => void> = [];
  private open = true;

  constructor(
    private readonly broker: MemoryBroker,
    service: ServiceName,
    onBug: OnBug,
  ) {
    super(service, onBug);
  }

  get connected(): boolean {
    return this.open;
  }

  protected async send(subject: string, message: string): Promise<string> {
    if (!this.open) throw busFailure('bus.unavailable', `${subject}: this connection is closed`);
    const replicas = this.broker.answers.get(subject);
    const next = replicas?.shift();
    if (!replicas || !next) throw busFailure('bus.no_responder', `nobody answers ${subject}`);
    replicas.push(next);
    return next(message);
  }

  protected serve(subject: string, answer: Answer): void {
    const replica: Answer = (message) => this.track(answer(message));
    const replicas = this.broker.answers.get(subject) ?? [];
    this.broker.answers.set(subject, replicas);
    replicas.push(replica);
    this.leaving.push(() => replicas.splice(replicas.indexOf(replica), 1));
  }

  protected emit(subject: string, message: string): void {
    const listeners = this.broker.listeners.get(subject);
    if (!this.open || !listeners) return;
    // Like a broker, not like a function call: the publisher never runs its listeners.
    setImmediate(() => listeners.forEach((listener) => listener(message)));
  }

  protected hear(subject: string, listener: Listener): () => void {
    const listeners = this.broker.listeners.get(subject) ?? new Set();
    this.broker.listeners.set(subject, listeners);
    const own: Listener = (message) => listener(message);
    listeners.add(own);
    const stop = () => void listeners.delete(own);
    this.leaving.push(stop);
    return stop;
  }

  onReconnect(): void {
    // Memory is never cut off.
  }

  async flush(): Promise<void> {
    // Memory knows at once.
  }

  async drain(): Promise<void> {
    await nextTurn(); // what was published before arrives, as it does over NATS
    this.leaving.splice(0).forEach((leave) => leave());
    await this.finishRunning();
    this.open = false;
  }
}
