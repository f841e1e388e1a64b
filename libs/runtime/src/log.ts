import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

export type { Logger };

/** JSON lines on standard error, so that standard output stays free for what was asked for. */
export function createLogger(service: string, level = process.env['LOG_LEVEL'] ?? 'info'): Logger {
  return pino(
    {
      level,
      base: { service },
      redact: { paths: ['*.authorization', '*.cookie', '*.password', '*.token'], censor: '[secret]' },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** Nest's own messages: its start-up chatter is for debugging, its warnings and errors are ours too. */
export function nestLogger(log: Logger): LoggerService {
  const text = (message: unknown) => (typeof message === 'string' ? message : JSON.stringify(message));
  return {
    log: (message: unknown) => log.debug(text(message)),
    debug: (message: unknown) => log.debug(text(message)),
    verbose: (message: unknown) => log.trace(text(message)),
    warn: (message: unknown) => log.warn(text(message)),
    error: (message: unknown, ...rest: unknown[]) => log.error({ rest }, text(message)),
    fatal: (message: unknown, ...rest: unknown[]) => log.fatal({ rest }, text(message)),
  };
}
