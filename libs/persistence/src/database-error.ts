/** Why a database cannot be used, in words for the person who started the process; carries no secret. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}

/** Where progress is told; pino's Logger is one. */
export interface ProgressLog {
  info(line: string): void;
  warn(line: string): void;
}

/** A `postgres://` URL, plain or wrapped like the `Secret` of libs/runtime. */
export type DatabaseUrl = string | { reveal(): string };

export function plainUrl(url: DatabaseUrl): string {
  return typeof url === 'string' ? url : url.reveal();
}
