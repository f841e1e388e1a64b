import { Failure } from '@gatehouse/contracts';
import type { Logger } from './log.js';
import { StartError } from './start-error.js';

const GIVE_UP_MS = 60_000;
const AGAIN_MS = 250;
const SAY_MS = 5_000;

/**
 * Repeats a step of the start until the service that it needs answers, saying what it waits for.
 *
 * @throws StartError when 60 s have passed
 */
export async function patiently<T>(log: Logger, what: string, step: () => Promise<T>): Promise<T> {
  const begun = Date.now();
  let said = begun;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof Failure) || !error.row.retryable) throw error;
      if (Date.now() - begun > GIVE_UP_MS)
        throw new StartError(`${what} has not answered for 60 s (${error.code}): look at its log`, {
          cause: error,
        });
    }
    if (Date.now() - said > SAY_MS) log.warn(`waiting for ${what}`);
    if (Date.now() - said > SAY_MS) said = Date.now();
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
