import { forwardedRequestHeaders, type Message } from '@gatehouse/mcp';
import { restrictsTools } from '@gatehouse/policy';
import type { SnapshotServer } from '@gatehouse/contracts';
import { principalOf, type Caller } from '@gatehouse/caller';
import type { Gate } from '../gate.js';
import type { Lease } from '../leases.js';
import { Refusal } from '../refusal.js';
import { Relay } from '../upstream/relay.js';
import type { Exchange } from './exchange.js';
import type { OwnHeaders } from './own-headers.js';
import { withoutHiddenTools } from './tool-list.js';

export interface Forwarded {
  readonly exchange: Exchange;
  readonly caller: Caller;
  readonly server: SnapshotServer | undefined;
  readonly own: OwnHeaders;
  /** Null for GET and DELETE. */
  readonly message: Message | null;
}

const SESSION_NOT_FOUND = -32001;

/** Sends what was judged to the upstream, and its answer to the client. Resolves when the answer is through. */
export async function forward(
  gate: Gate,
  { exchange, caller, server, own, message }: Forwarded,
  { bytes, lease }: { bytes: Buffer | null; lease: Lease | null },
): Promise<Relay> {
  if (!server) throw Refusal.of('policy.unknown_server');
  const principal = principalOf(caller);
  const session = upstreamSession(gate, exchange, principal);
  const lists =
    message?.kind === 'request' && message.method === 'tools/list' && restrictsTools(server, caller);
  // access that was taken away since it was judged
  if (exchange.ended) throw exchange.ended;
  const relay = new Relay(exchange.response, {
    captureBytes: message?.kind === 'request' ? gate.config.EDGE_RECORD_BYTES : 0,
    sealSession: (id) => gate.sessions.seal(id, principal, exchange.resource),
    rewrite: lists
      ? (body, contentType) => withoutHiddenTools(server, caller, { body, contentType })
      : undefined,
  });
  exchange.relay = relay;
  const headers = forwardedRequestHeaders(exchange.request.rawHeaders);
  if (session !== null) headers.push('mcp-session-id', session);
  const sent = withPutOn(headers, [own.headers, server.headers, lease?.headers ?? {}]);
  const method = exchange.request.method as 'GET' | 'POST' | 'DELETE';
  if (!relay.cancelled)
    gate.upstreams.send({ url: new URL(server.url), method, headers: sent, body: bytes }, relay);
  await relay.finished;
  return relay;
}

/** The upstream's own session id in the one that the client sent; 404 for a session that is not the caller's. */
function upstreamSession(gate: Gate, { request, resource }: Exchange, principal: string): string | null {
  const sealed = request.headers['mcp-session-id'];
  if (sealed === undefined) return null;
  const session = typeof sealed === 'string' ? gate.sessions.unseal(sealed, principal, resource) : null;
  if (session === null) throw new Refusal({ http: 404, rpc: SESSION_NOT_FOUND, text: 'Session not found' });
  return session;
}

/** Puts headers from several sources on, of which the last one that names a header wins, the client's own included. */
function withPutOn(headers: string[], sources: readonly Readonly<Record<string, string>>[]): string[] {
  const merged = new Map<string, string>();
  for (const source of sources)
    for (const [name, value] of Object.entries(source)) merged.set(name.toLowerCase(), value);
  if (merged.size === 0) return headers;
  const kept = headers.filter((_, at) => !merged.has(headers[at - (at % 2)] ?? ''));
  return [...kept, ...[...merged].flat()];
}
