import { pino, type Logger } from 'pino';

export type { Logger };

/** JSON lines on standard error, so that standard output stays free for what was asked for. */
export function createLogger(name: string, level = process.env['LOG_LEVEL'] ?? 'info'): Logger {
  return pino(
    {
      name,
      level,
      base: { service: name },
      redact: { paths: ['*.authorization', '*.cookie', '*.password', '*.token'], censor: '[secret]' },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
