import type { z } from 'zod';
import type { FailureCode } from './failures.js';

/** Every process that may stand on the bus. A subject's first word is the service that answers it. */
export const SERVICE_NAMES = ['edge', 'auth', 'vault', 'policy', 'audit', 'console'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export interface RequestContract<Req extends z.ZodType = z.ZodType, Rep extends z.ZodType = z.ZodType> {
  readonly kind: 'request';
  /** `<service>.<noun>.<verb>` */
  readonly subject: string;
  readonly request: Req;
  readonly reply: Rep;
  /** Who may ask. The broker's permissions are generated from this list. */
  readonly callers: readonly ServiceName[];
  /** Failures of its own which a caller should expect; trouble of the bus and the database comes on top. */
  readonly failures: readonly FailureCode[];
  /** How long the caller waits, in milliseconds, unless it says otherwise. */
  readonly deadlineMs: number;
}

export interface EventContract<Payload extends z.ZodType = z.ZodType> {
  readonly kind: 'event';
  /** `evt.<service>.<noun>.<past>` */
  readonly subject: string;
  readonly payload: Payload;
  readonly subscribers: readonly ServiceName[];
}

export type Contract = RequestContract | EventContract;

type RequestOptions<Req extends z.ZodType, Rep extends z.ZodType> = Omit<
  RequestContract<Req, Rep>,
  'kind' | 'deadlineMs' | 'failures'
> & { deadlineMs?: number; failures?: readonly FailureCode[] };

/** Declares a request and its reply. Default deadline: 5 seconds. */
export function request<Req extends z.ZodType, Rep extends z.ZodType>(
  options: RequestOptions<Req, Rep>,
): RequestContract<Req, Rep> {
  return { deadlineMs: 5_000, failures: [], ...options, kind: 'request' };
}

/** Declares an event. Delivery is at most once: whoever needs all of them compares sequence numbers and asks. */
export function event<Payload extends z.ZodType>(
  options: Omit<EventContract<Payload>, 'kind'>,
): EventContract<Payload> {
  return { ...options, kind: 'event' };
}

/** The service that answers a request or publishes an event, read from the subject. */
export function ownerOf(contract: Contract): ServiceName {
  const words = contract.subject.split('.');
  const owner = contract.kind === 'event' ? words[1] : words[0];
  const known = SERVICE_NAMES.find((name) => name === owner);
  if (known === undefined) throw new Error(`subject ${contract.subject} does not begin with a service`);
  return known;
}
