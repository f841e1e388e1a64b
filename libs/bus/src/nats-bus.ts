import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceName } from '@gatehouse/contracts';
import {
  connect,
  ErrorCode,
  Events,
  NatsError,
  type Msg,
  type NatsConnection,
  type Subscription,
} from 'nats';
import { printBug, type OnBug } from './bug.js';
import type { Bus } from './bus.js';
import { CheckedBus, type Answer, type Listener } from './checked-bus.js';
import { readNatsAddress, tlsOptions, type NatsAddress } from './nats-address.js';
import { inboxOf, INBOX } from './permissions.js';
import { busFailure } from './wire.js';
import { within } from './within.js';

const RETRY_MS = 500;
const STATUS_MS = 10_000;
const HANDSHAKE_MS = 5_000;
const CLOSE_LIMIT_MS = 3_000;

export interface NatsOptions {
  /** `nats://user:password@host:port` or `tls://...`; a private CA by NODE_EXTRA_CA_CERTS. */
  url: string;
  service: ServiceName;
  /** How long to wait, in milliseconds, for a server that cannot be reached. Default: 60,000. */
  giveUpAfterMs?: number;
  /** Told at once and every 10 s that the server is being waited for. */
  onStatus?: (line: string) => void;
  onBug?: OnBug;
}

/**
 * Connects to a NATS server, waiting for it while it cannot be reached; reconnects for ever afterwards.
 *
 * @throws Error with one line for the person who started the process: never with the password
 */
export async function connectNats(options: NatsOptions): Promise<Bus> {
  const connection = await firstConnection(readNatsAddress(options.url), options);
  return new NatsBus(connection, options.service, options.onBug ?? printBug);
}

async function firstConnection(address: NatsAddress, options: NatsOptions): Promise<NatsConnection> {
  const { giveUpAfterMs = 60_000, onStatus = () => {} } = options;
  const giveUpAt = Date.now() + giveUpAfterMs;
  let statusAt = 0;
  for (;;) {
    try {
      return await dial(address, options.service);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (error instanceof NatsError && error.isAuthError())
        throw new Error(
          `NATS at ${address.shown} refuses the user and password of ${options.service}: check NATS_URL`,
        );
      if (Date.now() + RETRY_MS > giveUpAt)
        throw new Error(
          `cannot reach NATS at ${address.shown} in ${giveUpAfterMs / 1_000} s (${reason}): start it, or correct NATS_URL`,
        );
      if (Date.now() >= statusAt) {
        onStatus(`waiting for NATS at ${address.shown} ... (${reason})`);
        statusAt = Date.now() + STATUS_MS;
      }
    }
    await delay(RETRY_MS);
  }
}

function dial(address: NatsAddress, service: ServiceName): Promise<NatsConnection> {
  return connect({
    servers: address.server,
    user: address.user,
    pass: address.password,
    tls: address.tls ? { handshakeFirst: false, ...tlsOptions(address.host) } : undefined,
    // The client's own resolver knows neither /etc/hosts nor search domains; the system's knows both.
    resolve: false,
    name: service,
    inboxPrefix: inboxOf(service),
    timeout: HANDSHAKE_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    // A broker that is being reconfigured may refuse us for a while: that must not end the process's connection.
    ignoreAuthErrorAbort: true,
    pingInterval: 5_000,
    maxPingOut: 2,
    noAsyncTraces: true,
  });
}

class NatsBus extends CheckedBus {
  protected readonly maxMessageBytes: number;
  private readonly subscriptions = new Set<Subscription>();
  private readonly reconnectListeners: Array<() => void> = [];
  /** How to fail the requests in flight: their replies went to a connection that is gone. */
  private readonly interrupts = new Set<(error: Error) => void>();
  private refused: Error | undefined;
  private up = true;

  constructor(
    private readonly connection: NatsConnection,
    service: ServiceName,
    onBug: OnBug,
  ) {
    super(service, onBug);
    this.maxMessageBytes = connection.info?.max_payload ?? 1_048_576;
    this.watch().catch((error: unknown) => onBug(error, 'NATS'));
  }

  get connected(): boolean {
    return this.up;
  }

  protected async send(subject: string, message: string, deadlineMs: number): Promise<string> {
    if (!this.up) throw busFailure('bus.unavailable', `${subject}: NATS cannot be reached`);
    return new Promise<string>((resolve, reject) => {
      this.interrupts.add(reject);
      this.connection
        .request(subject, message, { timeout: deadlineMs })
        .then((reply) => resolve(reply.string()))
        .catch((error: unknown) => reject(explain(error, subject)))
        .finally(() => this.interrupts.delete(reject));
    });
  }

  protected serve(subject: string, answer: Answer): void {
    this.listen(subject, this.service, (message) => {
      // Else a caller could have us publish, by allow_responses, on a subject that is closed to itself.
      if (!message.reply?.startsWith(INBOX)) return;
      void this.track(answer(message.string()).then((reply) => this.respond(message, reply)));
    });
  }

  protected emit(subject: string, message: string): void {
    if (this.up) this.connection.publish(subject, message);
  }

  protected hear(subject: string, listener: Listener): () => void {
    const subscription = this.listen(subject, undefined, (message) => listener(message.string()));
    return () => {
      subscription.unsubscribe();
      this.subscriptions.delete(subscription);
    };
  }

  onReconnect(listener: () => void): void {
    this.reconnectListeners.push(listener);
  }

  async flush(): Promise<void> {
    await this.connection.flush().catch((error: unknown) => {
      throw explain(error, 'flush');
    });
    if (this.refused) throw this.refused;
  }

  async drain(): Promise<void> {
    if (this.connection.isClosed()) return;
    await this.soon(Promise.all([...this.subscriptions].map((subscription) => subscription.drain())));
    await this.finishRunning();
    await this.soon(this.connection.flush());
    this.up = false;
    this.interrupt();
    await this.connection.close();
  }

  private listen(subject: string, queue: string | undefined, take: (message: Msg) => void): Subscription {
    const callback = (error: NatsError | null, message: Msg) =>
      error ? this.refuse(error, subject) : take(message);
    const subscription = this.connection.subscribe(subject, queue ? { queue, callback } : { callback });
    this.subscriptions.add(subscription);
    return subscription;
  }

  private refuse(error: NatsError, subject: string): void {
    this.refused = busFailure('bus.forbidden', `the broker refuses ${this.service} the subscription`, error);
    this.onBug(this.refused, subject);
  }

  private respond(message: Msg, reply: string): void {
    try {
      message.respond(reply);
    } catch (error) {
      this.onBug(error, message.subject);
    }
  }

  private async watch(): Promise<void> {
    for await (const { type, permissionContext } of this.connection.status()) {
      if (type === Events.Disconnect) {
        this.up = false;
        this.interrupt();
      } else if (type === Events.Reconnect) {
        this.up = true;
        this.reconnectListeners.forEach((listener) => this.tell(listener));
      } else if (permissionContext?.operation === 'publish')
        this.onBug(busFailure('bus.forbidden', 'the broker refuses to publish'), permissionContext.subject);
    }
  }

  private tell(listener: () => void): void {
    const told = async () => listener();
    void this.track(told()).catch((error: unknown) => this.onBug(error, 'reconnect'));
  }

  private interrupt(): void {
    for (const reject of this.interrupts) reject(busFailure('bus.unavailable', 'NATS was lost'));
  }

  /** A broker that hangs or is gone must keep neither handlers from finishing nor a process from ending. */
  private async soon(work: Promise<unknown>): Promise<void> {
    const late = () => new Error('NATS does not answer');
    await within(work, { deadlineMs: CLOSE_LIMIT_MS, late }).catch((error: unknown) =>
      this.onBug(error, 'drain'),
    );
  }
}

/** What the client calls its troubles -> our failures. */
function explain(error: unknown, subject: string): Error {
  switch (error instanceof NatsError ? error.code : undefined) {
    case ErrorCode.NoResponders:
      return busFailure('bus.no_responder', `nobody answers ${subject}`, error);
    case ErrorCode.Timeout:
      return busFailure('bus.deadline_exceeded', `${subject} is too slow`, error);
    case ErrorCode.PermissionsViolation:
      return busFailure('bus.forbidden', `the broker refuses to publish ${subject}`, error);
    case ErrorCode.MaxPayloadExceeded:
      return busFailure('bus.bad_message', `a message on ${subject} is too large for the broker`, error);
    default:
      return busFailure('bus.unavailable', `${subject} did not reach NATS`, error);
  }
}
