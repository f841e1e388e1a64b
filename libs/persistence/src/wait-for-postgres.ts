import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { DatabaseError, plainUrl, type DatabaseUrl, type ProgressLog } from './database-error.js';
import { isUnavailable } from './unavailable.js';

export const CONNECT_TIMEOUT_MS = 5_000;
const GIVE_UP_AFTER_MS = 60_000;
const TELL_EVERY_MS = 5_000;
const TRY_EVERY_MS = 250;

/** What cannot become right by waiting, by SQLSTATE, and what to do about it. */
const CURES: Readonly<Record<string, string>> = {
  '28P01': 'refuses the password of this role: correct the user name or password in the database URL',
  '28000': 'refuses this role: correct the user name in the database URL, or allow it in pg_hba.conf',
  '3D000': 'has no such database: create it, or correct the name in the database URL',
  '42501': 'does not let this role connect: grant it CONNECT on the database',
};

export interface Patience {
  readonly url: DatabaseUrl;
  readonly log?: ProgressLog;
  /** How long an unreachable server is waited for, in milliseconds. */
  readonly giveUpAfterMs?: number;
}

/**
 * Connects one client, waiting for a server that cannot be reached yet.
 *
 * @throws DatabaseError at once if the server refuses, and after `giveUpAfterMs` if there is none
 */
export async function connectPatiently(patience: Patience): Promise<Client> {
  const { log, giveUpAfterMs = GIVE_UP_AFTER_MS } = patience;
  const connectionString = plainUrl(patience.url);
  const place = placeOf(connectionString);
  const began = Date.now();
  let toldAt = -Infinity;
  for (;;) {
    const left = began + giveUpAfterMs - Date.now();
    const client = new Client({
      connectionString,
      connectionTimeoutMillis: Math.max(1, Math.min(CONNECT_TIMEOUT_MS, left)),
    });
    client.on('error', () => undefined); // a lost connection shows in the next query
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (!isUnavailable(error)) throw refusal(place, error);
      const waited = Date.now() - began;
      if (waited + TRY_EVERY_MS >= giveUpAfterMs) throw givenUp(place, waited, error);
      if (Date.now() - toldAt >= TELL_EVERY_MS) {
        log?.warn(`waiting for Postgres at ${place} (${reason(error)}), ${seconds(waited)} so far`);
        toldAt = Date.now();
      }
      await delay(TRY_EVERY_MS);
    }
  }
}

/** `host:port/database` of a URL: what may be shown. */
export function placeOf(url: string): string {
  const { host, port, database } = new Client({ connectionString: url });
  return `${host}:${port}/${database ?? ''}`;
}

function refusal(place: string, error: unknown): DatabaseError {
  const cure = CURES[(error as { code?: string }).code ?? ''] ?? `cannot be used: ${reason(error)}`;
  return new DatabaseError(`Postgres at ${place} ${cure}`, { cause: error });
}

function givenUp(place: string, waited: number, error: unknown): DatabaseError {
  return new DatabaseError(
    `Postgres at ${place} could not be reached for ${seconds(waited)} (${reason(error)}): start it, or correct the host and port in the database URL`,
    { cause: error },
  );
}

function reason(error: unknown): string {
  const { code, message, errors } = error as { code?: string; message?: string; errors?: unknown[] };
  return errors?.[0] ? reason(errors[0]) : (code ?? message ?? String(error));
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}
