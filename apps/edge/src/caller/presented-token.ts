import type { IncomingMessage } from 'node:http';
import { bearerToken } from '@gatehouse/caller';
import { Failure } from '@gatehouse/contracts';
import { Refusal } from '../refusal.js';

const TOKEN = /^[\w.~+/-]+=*$/;
const TWO_IN_ONE = /^bearer +[^\s,]+[\s,]+\S/i;

/**
 * The token of a request: in Authorization (RFC 6750 section 2.1), or in `x-tfy-api-key` where something else (a proxy's
 * Basic, say) has taken that. Each header comes once at most (`faultOfHeaders`).
 *
 * @throws Failure `caller.unauthenticated` if there is none that can be read; Refusal 400 if there are two
 */
export function presentedToken({ headers }: IncomingMessage): string {
  const { authorization, 'x-tfy-api-key': key } = headers;
  if (authorization !== undefined && TWO_IN_ONE.test(authorization))
    throw Refusal.malformed(400, 'Authorization: send one token.');
  const bearer = bearerToken(authorization);
  if (key !== undefined && bearer !== null && bearer !== key)
    throw Refusal.malformed(400, 'Authorization and x-tfy-api-key carry two different tokens: send one.');
  const token = tokenIn({ headers });
  if (token === null || !TOKEN.test(token)) throw new Failure('caller.unauthenticated');
  return token;
}

/** Whatever a request carries in place of a token, unread; null if nothing. */
export function tokenIn({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
  const { authorization, 'x-tfy-api-key': key } = headers;
  return typeof key === 'string' ? key : bearerToken(authorization);
}

/** Whether a request tries to say who it is at all: then a refusal can say that its token is bad. */
export function presentsToken({ headers }: IncomingMessage): boolean {
  return headers.authorization !== undefined || headers['x-tfy-api-key'] !== undefined;
}
