/** How one failure looks to each kind of reader. */
export interface FailureRow {
  /** HTTP status towards a client. */
  readonly http: number;
  /** JSON-RPC error code. The gate's own lie outside -32768..-32000, which belong to the specifications. */
  readonly rpc: number;
  /** Whether the same request may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /** What the person or client is told: never a stack, a query, a host or a subject. */
  readonly text: string;
}

const row = (http: number, rpc: number, retryable: boolean, text: string): FailureRow => ({
  http,
  rpc,
  retryable,
  text,
});

/** The one table of failures: code -> HTTP, JSON-RPC, retryable, public text. */
export const failures = {
  internal: row(500, -32603, false, 'Something went wrong in Gatehouse. It has been logged.'),
  // the bus: told apart because the cure differs
  'bus.no_responder': row(503, -31001, true, 'A part of Gatehouse is not running. Try again shortly.'),
  'bus.deadline_exceeded': row(503, -31001, true, 'A part of Gatehouse is too slow. Try again shortly.'),
  'bus.unavailable': row(503, -31001, true, 'Gatehouse cannot reach its message bus. Try again shortly.'),
  'bus.forbidden': row(500, -32603, false, 'Something went wrong in Gatehouse. It has been logged.'),
  'bus.bad_message': row(500, -32603, false, 'Something went wrong in Gatehouse. It has been logged.'),
  'database.unavailable': row(503, -31001, true, 'Gatehouse cannot reach its database. Try again shortly.'),
  // the edge
  'edge.snapshot_stale': row(
    503,
    -31001,
    true,
    'Gatehouse has not heard from its policy service. Try again shortly.',
  ),
  'edge.journal_unwritable': row(503, -31001, true, 'Gatehouse cannot write its journal. Try again shortly.'),
  'edge.draining': row(503, -31001, true, 'This Gatehouse is shutting down. Try again.'),
  'edge.upstream_unreachable': row(502, -31010, true, 'The MCP server behind Gatehouse cannot be reached.'),
  'edge.upstream_broken': row(
    502,
    -31010,
    false,
    'The MCP server behind Gatehouse gave an answer that cannot be used.',
  ),
  'edge.upstream_late': row(504, -31011, true, 'The MCP server behind Gatehouse did not answer in time.'),
  'edge.upstream_refused_credential': row(
    502,
    -31012,
    false,
    'The MCP server behind Gatehouse refused the credential that Gatehouse holds for it. Ask an administrator to renew it.',
  ),
  // who, may they, how often
  'caller.unauthenticated': row(401, -31401, false, 'Sign in to use this MCP server.'),
  'caller.insufficient_scope': row(
    403,
    -31403,
    false,
    'The token does not carry the scope that this operation needs.',
  ),
  'policy.denied': row(
    200,
    -31403,
    false,
    'You are not allowed to do this. Ask an administrator for access.',
  ),
  'policy.unknown_server': row(404, -31404, false, 'There is no such MCP server.'),
  'policy.invalid_manifest': row(422, -32602, false, 'The manifest has faults.'),
  'policy.version_conflict': row(
    409,
    -32602,
    true,
    'Somebody else changed this at the same time. Look again and repeat.',
  ),
  'limit.exceeded': row(429, -31429, true, 'Too many calls. Wait and try again.'),
  // vault
  'vault.request_refused': row(
    403,
    -31403,
    false,
    'The vault refused to hand out a credential for this call.',
  ),
  'vault.credential_missing': row(
    502,
    -31012,
    false,
    'This MCP server needs a credential that nobody has configured. Ask an administrator.',
  ),
  // auth
  'auth.unknown_token': row(401, -31401, false, 'The token is not known, has expired or was revoked.'),
  'auth.unknown_person': row(404, -31404, false, 'There is no such person.'),
  // admin API
  'api.invalid_request': row(400, -32602, false, 'The request has faults.'),
  'api.forbidden': row(403, -31403, false, 'Only an administrator may do this.'),
  'api.not_found': row(404, -31404, false, 'There is nothing at this address.'),
} as const satisfies Record<string, FailureRow>;

export type FailureCode = keyof typeof failures;

/** An expected failure. Whatever else is thrown is a bug, and reaches nobody but the log. */
export class Failure extends Error {
  override readonly name = 'Failure';

  /**
   * @param code the row in {@link failures}
   * @param detail text for the same public reader, that names the place of the fault; never a secret
   */
  constructor(
    readonly code: FailureCode,
    readonly detail?: string,
    options?: ErrorOptions,
  ) {
    super(detail ?? failures[code].text, options);
  }

  get row(): FailureRow {
    return failures[this.code];
  }
}

export function isFailureCode(value: unknown): value is FailureCode {
  return typeof value === 'string' && Object.hasOwn(failures, value);
}
