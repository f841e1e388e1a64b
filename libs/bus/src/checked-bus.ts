import { Failure, ownerOf } from '@gatehouse/contracts';
import type {
  Contract,
  EventContract,
  FailureCode,
  RequestContract,
  ServiceName,
} from '@gatehouse/contracts';
import type { z } from 'zod';
import type { OnBug } from './bug.js';
import { Bus, type RequestOptions } from './bus.js';
import { busFailure, decodeBody, decodeReply, encodeBody, encodeFailure, encodeReply } from './wire.js';
import { within } from './within.js';

const DRAIN_LIMIT_MS = 25_000;

/** Failures that somebody must repair: their public text promises that they are in the log. */
const OUR_FAULT: ReadonlySet<FailureCode> = new Set(['internal', 'bus.forbidden', 'bus.bad_message']);

export type Answer = (message: string) => Promise<string>;
export type Listener = (message: string) => void;

/** The rules, whatever carries the messages: who may, what a message looks like, what becomes of a bug. */
export abstract class CheckedBus extends Bus {
  private readonly handled = new Set<string>();
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    readonly service: ServiceName,
    protected readonly onBug: OnBug,
  ) {
    super();
  }

  protected abstract readonly maxMessageBytes: number;
  protected abstract send(subject: string, message: string, deadlineMs: number): Promise<string>;
  protected abstract serve(subject: string, answer: Answer): void;
  protected abstract emit(subject: string, message: string): void;
  protected abstract hear(subject: string, listener: Listener): () => void;

  async request<Req extends z.ZodType, Rep extends z.ZodType>(
    contract: RequestContract<Req, Rep>,
    body: z.input<Req>,
    { deadlineMs = contract.deadlineMs, signal }: RequestOptions = {},
  ): Promise<z.output<Rep>> {
    this.refuseUnless(contract.callers.includes(this.service), 'call', contract);
    signal?.throwIfAborted();
    const message = this.fitting(encodeBody(contract.request, body, contract.subject), contract.subject);
    const sent = this.send(contract.subject, message, deadlineMs);
    const late = () =>
      busFailure('bus.deadline_exceeded', `${contract.subject}: no reply in ${deadlineMs} ms`);
    const reply = await within(sent, { deadlineMs, late, signal });
    return decodeReply(contract.reply, reply, contract.subject);
  }

  handle<Req extends z.ZodType, Rep extends z.ZodType>(
    contract: RequestContract<Req, Rep>,
    handler: (body: z.output<Req>) => Promise<z.input<Rep>> | z.input<Rep>,
  ): void {
    this.refuseUnless(ownerOf(contract) === this.service, 'answer', contract);
    if (this.handled.has(contract.subject)) throw new Error(`${contract.subject} has a handler already`);
    this.handled.add(contract.subject);
    this.serve(contract.subject, async (message) => {
      try {
        const body = decodeBody(contract.request, message, contract.subject);
        return this.fitting(encodeReply(contract.reply, await handler(body)), contract.subject);
      } catch (error) {
        const failure = error instanceof Failure ? error : new Failure('internal');
        if (OUR_FAULT.has(failure.code)) this.onBug(error, contract.subject);
        return encodeFailure(failure);
      }
    });
  }

  publish<Payload extends z.ZodType>(contract: EventContract<Payload>, payload: z.input<Payload>): void {
    this.refuseUnless(ownerOf(contract) === this.service, 'publish', contract);
    this.emit(
      contract.subject,
      this.fitting(encodeBody(contract.payload, payload, contract.subject), contract.subject),
    );
  }

  subscribe<Payload extends z.ZodType>(
    contract: EventContract<Payload>,
    listener: (payload: z.output<Payload>) => Promise<void> | void,
  ): () => void {
    this.refuseUnless(contract.subscribers.includes(this.service), 'hear', contract);
    return this.hear(contract.subject, (message) => {
      const heard = async () => listener(decodeBody(contract.payload, message, contract.subject));
      void this.track(heard()).catch((error: unknown) => this.onBug(error, contract.subject));
    });
  }

  /** Has drain() wait for `work`. */
  protected track<T>(work: Promise<T>): Promise<T> {
    this.running.add(work);
    const done = () => this.running.delete(work);
    work.then(done, done);
    return work;
  }

  /** Waits for all that has begun, and for what that begins in turn, but not for ever. */
  protected async finishRunning(): Promise<void> {
    const until = Date.now() + DRAIN_LIMIT_MS;
    const late = () => new Error(`${this.running.size} handlers did not finish in ${DRAIN_LIMIT_MS} ms`);
    try {
      while (this.running.size > 0)
        await within(Promise.allSettled(this.running), { deadlineMs: until - Date.now(), late });
    } catch (error) {
      this.onBug(error, 'drain');
    }
  }

  private fitting(message: string, subject: string): string {
    const bytes = Buffer.byteLength(message);
    if (bytes <= this.maxMessageBytes) return message;
    const limit = `the broker takes ${this.maxMessageBytes} at most`;
    throw busFailure('bus.bad_message', `a message of ${bytes} bytes on ${subject}: ${limit}`);
  }

  private refuseUnless(allowed: boolean, act: string, contract: Contract): void {
    if (!allowed) throw busFailure('bus.forbidden', `${this.service} may not ${act} ${contract.subject}`);
  }
}
