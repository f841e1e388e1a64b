import type { SnapshotServer } from '@gatehouse/contracts';
import { describeFault, parseMcpHeaders, parseMetadata, type Fault } from '@gatehouse/mcp';
import type { Lease } from '../leases.js';
import { Refusal } from '../refusal.js';
import type { Exchange } from './exchange.js';

/** What the caller's `x-tfy-*` headers ask for: consumed here, never passed on. */
export interface OwnHeaders {
  /** For the upstream, names in lower case. The registration's and the vault's win over them. */
  readonly headers: Readonly<Record<string, string>>;
  /** For the record and the rules. */
  readonly metadata: Readonly<Record<string, string>>;
}

export const NO_OWN_HEADERS: OwnHeaders = { headers: {}, metadata: {} };

/** @throws Refusal 400 naming the header, the place and the fault */
export function ownHeaders({ request, target }: Exchange, server: SnapshotServer | undefined): OwnHeaders {
  const { 'x-tfy-mcp-headers': mcpHeaders, 'x-tfy-metadata': metadata } = request.headers;
  if (mcpHeaders === undefined && metadata === undefined) return NO_OWN_HEADERS;
  const forServer = parseMcpHeaders(String(mcpHeaders ?? '{}'), {
    server: target.server,
    puts: new Set(Object.keys(server?.headers ?? {}).map((name) => name.toLowerCase())),
    accepts: new Set(), // no registration can let callers override its headers yet
  });
  if (!forServer.ok) throw refused(forServer.fault);
  const data = parseMetadata(String(metadata ?? '{}'));
  if (!data.ok) throw refused(data.fault);
  return { headers: forServer.headers, metadata: data.metadata };
}

/** @throws Refusal 400 for a header that the vault's credential puts on: the caller would think that it counts */
export function checkNotPutOn({ headers }: OwnHeaders, lease: Lease | null): void {
  const clash = Object.keys(lease?.headers ?? {}).find((name) => Object.hasOwn(headers, name.toLowerCase()));
  if (clash === undefined) return;
  throw Refusal.malformed(400, `x-tfy-mcp-headers: ${clash}: this server's credential puts this header on`);
}

function refused(fault: Fault): Refusal {
  return new Refusal({ http: fault.http, rpc: fault.code, text: describeFault(fault) });
}
