import type { Logger } from '@gatehouse/runtime';

/** The service's log, as an injection token: pino's own Logger is a type only. */
export abstract class Log implements Pick<Logger, 'info' | 'warn' | 'error'> {
  abstract info: Logger['info'];
  abstract warn: Logger['warn'];
  abstract error: Logger['error'];
}
