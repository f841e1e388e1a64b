import type { RequestListener } from 'node:http';
import type { Bus } from '@gatehouse/bus';
import type { ServiceName } from '@gatehouse/contracts';
import type { Logger } from 'pino';
import type { z } from 'zod';

/** What a service is given, whether it runs alone or beside the others in one process. */
export interface ServiceContext<Config> {
  readonly config: Config;
  readonly bus: Bus;
  readonly log: Logger;
}

export interface RunningService {
  /** The service's public HTTP, where it has one. */
  readonly listener?: RequestListener;
  /** One-time links and the like, that whoever starts the service should show. */
  readonly notes?: Readonly<Record<string, string>>;
  /** Null while ready, else the reason why not: shown by /readyz. */
  notReady(): string | null;
  /** Takes in nothing new, finishes what has begun, lets go of everything. */
  close(): Promise<void>;
}

/** A service: the same definition runs as a process of its own and inside the all-in-one. */
export interface ServiceDefinition<Schema extends z.ZodObject = z.ZodObject> {
  readonly name: ServiceName;
  /** Keys are environment variables. */
  readonly config: Schema;
  start(context: ServiceContext<z.output<Schema>>): Promise<RunningService>;
}
