import { networkOf } from '@gatehouse/runtime';
import type { Request } from 'express';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { consume } from '../../people/attempts.js';

const WINDOW_SECONDS = 15 * 60;
/** Far more than an office has clients whose sign-ins have all just ended. */
const GUESSES = 1_000;
const REFUSALS: unknown[] = ['invalid_grant', 'invalid_client'];

/**
 * Turns refusals into 429 for whoever is refused too often: codes, tokens and secrets cannot be guessed, and this says
 * so. Counted by address and client. What is good is never refused: others may share both.
 */
export function limitGuesses() {
  const limiter = new RateLimiterMemory({ points: GUESSES, duration: WINDOW_SECONDS });
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    const { error } = (ctx.body ?? {}) as { error?: unknown };
    if (!REFUSALS.includes(error)) return;
    const address = networkOf((ctx.req as Request).ip ?? '');
    const wait = await consume(limiter, `${address} ${ctx.oidc.client?.clientId ?? ''}`);
    if (wait === 0) return;
    ctx.status = 429;
    ctx.set('Retry-After', String(wait));
    ctx.body = {
      error: 'temporarily_unavailable',
      error_description: `too many refused requests from this address: try again in ${wait} s`,
    };
  };
}
