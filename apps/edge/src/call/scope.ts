import { MCP_SCOPES, type SnapshotServer } from '@gatehouse/contracts';
import { bearerChallenge, metadataUrl, type Message } from '@gatehouse/mcp';
import type { Gate } from '../gate.js';
import { Refusal } from '../refusal.js';
import type { Judged } from './record.js';

/** Methods that do something at the upstream; everything else only reads. */
const ACTING = new Set(['tools/call']);

/**
 * Refuses a token whose scopes do not cover the method or tool. Only where a step-up can succeed is told how (RFC 6750
 * section 3.1): with all scopes at once, those that the token has too, since clients ask for just what is named here.
 */
export function checkScope(gate: Gate, { caller, message, exchange, server }: Judged): void {
  const { scopes } = caller;
  if (scopes === null) return;
  const acting = message.kind !== 'response' && ACTING.has(message.method);
  const own = acting ? ownScope(server, message) : [];
  const covered = scopes.has('mcp:call') || (!acting && scopes.has('mcp:read'));
  if (covered && own.every((scope) => scopes.has(scope))) return;
  const known = [...scopes].filter((scope) => scope.startsWith('mcp:'));
  const wanted = new Set([...(acting ? MCP_SCOPES : ['mcp:read']), ...known, ...own]);
  const challenge = bearerChallenge({
    ...(exchange.target.door === 'oauth' && {
      resourceMetadata: metadataUrl(gate.config.GATEHOUSE_PUBLIC_URL, exchange.target),
      scope: [...wanted].join(' '),
    }),
    error: 'insufficient_scope',
  });
  throw Refusal.of('caller.insufficient_scope', {
    status: 'denied',
    headers: { 'www-authenticate': challenge },
  });
}

/** The scope that the server's owner demands for the tool that is called. */
function ownScope(server: SnapshotServer | undefined, message: Message): string[] {
  const tool = message.kind === 'response' ? null : message.name;
  if (!server?.scopes || tool === null) return [];
  return server.scopes.filter(({ tools }) => tools.includes(tool)).map(({ scope }) => scope);
}
