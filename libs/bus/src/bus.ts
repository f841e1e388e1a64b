import type { EventContract, RequestContract, ServiceName } from '@gatehouse/contracts';
import type { z } from 'zod';

export interface RequestOptions {
  /** Milliseconds to wait for the reply; the contract's own deadline if absent. */
  deadlineMs?: number;
  signal?: AbortSignal;
}

/** One service's connection to the bus: typed requests and events, the same over NATS and in memory. */
export abstract class Bus {
  /** Who this connection speaks for. */
  abstract readonly service: ServiceName;

  /** False while the broker cannot be reached. */
  abstract readonly connected: boolean;

  /**
   * Asks and waits. The request is checked before it leaves, the reply before it is returned.
   *
   * @throws Failure the callee's failure; `bus.no_responder` (nobody is listening), `bus.deadline_exceeded`
   * (too slow), `bus.unavailable` (broker not reached), `bus.forbidden` (not a caller of this contract),
   * `bus.bad_message`; `internal` for any bug in the callee, without its text. `signal`'s reason if it aborts
   */
  abstract request<Req extends z.ZodType, Rep extends z.ZodType>(
    contract: RequestContract<Req, Rep>,
    body: z.input<Req>,
    options?: RequestOptions,
  ): Promise<z.output<Rep>>;

  /** Answers a contract of this service. Replicas share the work. */
  abstract handle<Req extends z.ZodType, Rep extends z.ZodType>(
    contract: RequestContract<Req, Rep>,
    handler: (body: z.output<Req>) => Promise<z.input<Rep>> | z.input<Rep>,
  ): void;

  /**
   * Tells every subscriber that can be reached; nobody is waited for.
   *
   * @throws Failure `bus.forbidden` (not this service's event), `bus.bad_message`
   */
  abstract publish<Payload extends z.ZodType>(
    contract: EventContract<Payload>,
    payload: z.input<Payload>,
  ): void;

  /** Hears every event of a contract, in each replica. Returns how to stop hearing it. */
  abstract subscribe<Payload extends z.ZodType>(
    contract: EventContract<Payload>,
    listener: (payload: z.output<Payload>) => Promise<void> | void,
  ): () => void;

  /** Calls back when a connection that was lost is there again: events were missed in between. */
  abstract onReconnect(listener: () => void): void;

  /**
   * Resolves when subscriptions and handlers made so far are known to the broker.
   *
   * @throws Failure `bus.forbidden` if the broker has refused one, `bus.unavailable`
   */
  abstract flush(): Promise<void>;

  /** Takes in nothing new, lets handlers that have begun finish and their replies leave, then disconnects. */
  abstract drain(): Promise<void>;
}
