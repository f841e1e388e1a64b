import { Failure } from '@gatehouse/contracts';

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT', // a Unix socket that is not there yet
]);

/**
 * SQLSTATE (PostgreSQL documentation, appendix A): class 08 connection, 53 out of resources, 57014 cancelled by the
 * statement timeout, 57P01..05 shutting down or starting up, 25P03 idle in a transaction for too long.
 */
const SQLSTATE = /^(08...|53...|57014|57P0[1-5]|25P03)$/;

/** What pg, pg-pool and TypeORM say without any code. */
const UNCODED =
  /timeout exceeded when trying to connect|timeout expired|Query read timeout|Connection terminated|Client has encountered a connection error|already released|pool after calling end/i;

/** True if the database, and not the query, is at fault: the same work may succeed later. */
export function isUnavailable(error: unknown): boolean {
  // By shape: AggregateError (one error per address tried) and socket errors may come from another realm.
  const { code, message, errors } = (error ?? {}) as { code?: string; message?: string; errors?: unknown[] };
  if (errors?.length) return errors.every(isUnavailable);
  if (code) return NETWORK.has(code) || SQLSTATE.test(code);
  return UNCODED.test(message ?? '');
}

/**
 * Turns trouble with the database itself into `database.unavailable`; passes anything else on, without the values that
 * the query was about: whoever logs the error logs all that hangs on it.
 */
export function asFailure(error: unknown): unknown {
  const failed = error as {
    parameters?: unknown;
    driverError?: { detail?: unknown; where?: unknown };
  } | null;
  if (failed?.parameters !== undefined) delete failed.parameters;
  if (failed?.driverError?.detail !== undefined) delete failed.driverError.detail;
  if (failed?.driverError?.where !== undefined) delete failed.driverError.where;
  return isUnavailable(error) ? new Failure('database.unavailable', undefined, { cause: error }) : error;
}
