import { bearerChallenge, metadataUrl } from '@gatehouse/mcp';
import type { Gate } from '../gate.js';
import { Refusal } from '../refusal.js';
import type { Judged } from './record.js';

/** Methods that do something at the upstream; everything else only reads. */
const ACTING = new Set(['tools/call']);

/**
 * Refuses a token whose scopes do not cover the method, naming all that would do (RFC 6750 section 3.1): only where
 * a step-up can succeed, since clients take a 403 as "sign in again".
 */
export function checkScope(gate: Gate, { caller, message, exchange }: Judged): void {
  if (caller.scopes === null || caller.scopes.has('mcp:call')) return;
  const acting = message.kind !== 'response' && ACTING.has(message.method);
  if (!acting && caller.scopes.has('mcp:read')) return;
  const challenge = bearerChallenge({
    resourceMetadata: metadataUrl(gate.config.GATEHOUSE_PUBLIC_URL, exchange.target),
    scope: acting ? 'mcp:read mcp:call' : 'mcp:read',
    error: 'insufficient_scope',
  });
  throw Refusal.of('caller.insufficient_scope', {
    status: 'denied',
    headers: { 'www-authenticate': challenge },
  });
}
