import { Failure } from '@gatehouse/contracts';
import { errors } from 'oidc-provider';

/** Seconds after which a client should try again. */
export const RETRY_AFTER_SECONDS = 5;

/**
 * Our own trouble, in OAuth's words (RFC 6749, section 4.1.2.1) and with HTTP 503: a client that hears anything
 * else throws its tokens away. Never sent by a redirect: the person can reload a page, but not a failed client.
 */
class Outage extends errors.OIDCProviderError {
  constructor(failure: Failure) {
    super(503, 'temporarily_unavailable', { cause: failure });
    this.error_description = failure.row.text;
    this.expose = true;
    this.allow_redirect = false;
  }
}

/** Text with NUL, which Postgres cannot hold: as it is, and in JSON. */
const UNSTORABLE = new Set(['22021', '22P05']);

/** Runs work for the engine, which knows nothing of our failures, nor of what the database cannot hold. */
export async function tellOutage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== undefined && UNSTORABLE.has(code))
      throw new errors.InvalidRequest('a parameter holds characters that are no text');
    throw error instanceof Failure && error.row.http === 503 ? new Outage(error) : error;
  }
}
