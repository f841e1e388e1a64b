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

type Row = readonly [http: number, rpc: number, retry: 'retry' | 'final', text: string];

function table<Code extends string>(rows: Readonly<Record<Code, Row>>): Readonly<Record<Code, FailureRow>> {
  const named = Object.entries<Row>(rows).map(([code, [http, rpc, retry, text]]) => [
    code,
    { http, rpc, retryable: retry === 'retry', text },
  ]);
  return Object.fromEntries(named) as Record<Code, FailureRow>;
}

/** The one table of failures: code -> HTTP, JSON-RPC, retryable, public text. */
export const failures = table({
  internal: [500, -32603, 'final', 'Something went wrong in Gatehouse. It has been logged.'],
  // the bus: told apart because the cure differs
  'bus.no_responder': [503, -31001, 'retry', 'A part of Gatehouse is not running. Try again shortly.'],
  'bus.deadline_exceeded': [503, -31001, 'retry', 'A part of Gatehouse is too slow. Try again shortly.'],
  'bus.unavailable': [503, -31001, 'retry', 'Gatehouse cannot reach its message bus. Try again shortly.'],
  'bus.forbidden': [500, -32603, 'final', 'Something went wrong in Gatehouse. It has been logged.'],
  'bus.bad_message': [500, -32603, 'final', 'Something went wrong in Gatehouse. It has been logged.'],
  'database.unavailable': [503, -31001, 'retry', 'Gatehouse cannot reach its database. Try again shortly.'],
  // the edge
  'edge.snapshot_stale': [
    503,
    -31001,
    'retry',
    'Gatehouse has not heard from its policy service. Try again shortly.',
  ],
  'edge.journal_unwritable': [503, -31001, 'retry', 'Gatehouse cannot write its journal. Try again shortly.'],
  'edge.upstream_unreachable': [502, -31010, 'retry', 'The MCP server behind Gatehouse cannot be reached.'],
  'edge.upstream_broken': [
    502,
    -31010,
    'final',
    'The MCP server behind Gatehouse gave an answer that cannot be used.',
  ],
  'edge.upstream_late': [504, -31011, 'retry', 'The MCP server behind Gatehouse did not answer in time.'],
  'edge.upstream_refused_credential': [
    502,
    -31012,
    'final',
    'The MCP server behind Gatehouse refused the credential that Gatehouse holds for it. Ask an administrator to renew it.',
  ],
  // who, may they, how often
  'caller.unauthenticated': [401, -31401, 'final', 'Sign in to use this MCP server.'],
  'caller.insufficient_scope': [
    403,
    -31403,
    'final',
    'The token does not carry the scope that this operation needs.',
  ],
  'policy.denied': [200, -31403, 'final', 'You are not allowed to do this. Ask an administrator for access.'],
  'policy.unknown_server': [404, -31404, 'final', 'There is no such MCP server.'],
  'policy.invalid_manifest': [422, -32602, 'final', 'The manifest has faults.'],
  'policy.version_conflict': [
    409,
    -32602,
    'retry',
    'Somebody else changed this at the same time. Look again and repeat.',
  ],
  'limit.exceeded': [429, -31429, 'retry', 'Too many calls. Wait and try again.'],
  // vault
  'vault.request_refused': [
    403,
    -31403,
    'final',
    'The vault refused to hand out a credential for this call.',
  ],
  'vault.credential_missing': [
    502,
    -31012,
    'final',
    'This MCP server needs a credential that nobody has configured. Ask an administrator.',
  ],
  'vault.secret_missing': [404, -31404, 'final', 'The vault has no such secret.'],
  // auth
  'auth.unknown_token': [401, -31401, 'final', 'The token is not known, has expired or was revoked.'],
  'auth.unknown_person': [404, -31404, 'final', 'There is no such person.'],
  'auth.person_exists': [409, -32602, 'final', 'There is somebody with this e-mail address already.'],
  'auth.last_admin': [
    409,
    -32602,
    'final',
    'This is the last administrator who can sign in. Make somebody else an administrator first.',
  ],
  'auth.wrong_password': [422, -32602, 'final', 'The current password is not right.'],
  'auth.unknown_team': [404, -31404, 'final', 'There is no such team.'],
  'auth.team_exists': [409, -32602, 'final', 'There is a team of this name already.'],
  'auth.unknown_sign_in': [404, -31404, 'final', 'There is no such sign-in.'],
  'auth.unknown_approval': [404, -31404, 'final', 'There is no such approval.'],
  'auth.unknown_identity_provider': [404, -31404, 'final', 'There is no such identity provider.'],
  'auth.identity_provider_exists': [
    409,
    -32602,
    'final',
    'There is an identity provider of this name already.',
  ],
  'auth.identity_provider_clash': [409, -32602, 'final', 'Another identity provider has this already.'],
  'auth.last_way_in': [409, -32602, 'final', 'Nobody could sign in any more. Open another way in first.'],
  'auth.unknown_service_account': [404, -31404, 'final', 'There is no such service account.'],
  'auth.service_account_exists': [409, -32602, 'final', 'There is a service account with this name already.'],
  'auth.client_bound': [409, -32602, 'final', 'This client acts as another service account already.'],
  'auth.unknown_issuer': [404, -31404, 'final', 'There is no such issuer.'],
  'auth.issuer_exists': [409, -32602, 'final', 'This name or issuer is registered already.'],
  'auth.issuer_unreachable': [
    503,
    -31001,
    'retry',
    'The keys of the issuer that signed the token cannot be fetched. Try again shortly.',
  ],
  'auth.unknown_client': [404, -31404, 'final', 'There is no such client.'],
  'auth.invalid_client_metadata': [422, -32602, 'final', 'The settings of the client have faults.'],
  // admin API
  'api.invalid_request': [400, -32602, 'final', 'The request has faults.'],
  'api.forbidden': [403, -31403, 'final', 'Only an administrator may do this.'],
  'api.not_found': [404, -31404, 'final', 'There is nothing at this address.'],
});

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
