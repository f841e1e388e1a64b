import type { Logger, Secret } from '@gatehouse/runtime';
import { Redis } from 'iovalkey';

/** How long a call waits for a shared counter, in milliseconds. */
const PATIENCE_MS = 50;
const DEAD_MS = 1_000;

/**
 * The connection to the Valkey (or Redis) in which several edges count together. It comes back by itself; while it is
 * away every command fails at once.
 */
export function connectCounters(url: Secret, log: Logger): Redis {
  const counters = new Redis(url.reveal(), {
    connectTimeout: DEAD_MS,
    socketTimeout: DEAD_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false, // those were counted elsewhere by then
    retryStrategy: (tries) => Math.min(tries * PATIENCE_MS, DEAD_MS),
  });
  let away = false;
  counters.on('ready', () => {
    if (away) log.info('Valkey is back: edges count calls together again');
    away = false;
  });
  counters.on('error', ({ message }: Error) => {
    if (!away)
      log.warn({ reason: message }, 'Valkey cannot be used: this edge counts calls alone until it can');
    away = true;
  });
  return counters;
}

/**
 * What a shared counter answers within 50 ms. The last turn of the event loop is for answers that have arrived and
 * were not read, because this process was busy itself.
 */
export function inTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => setImmediate(() => reject(new Error('the shared counters are slow')));
    const timer = setTimeout(late, PATIENCE_MS);
    void answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
