import type { SnapshotServer, Subject } from '@gatehouse/contracts';

/** Who asks: a subject and the names of the teams it is in. `everyone` goes without saying. */
export interface Caller {
  readonly subject: Pick<Subject, 'type' | 'name'>;
  readonly teams: readonly string[];
}

export interface PolicyCall extends Caller {
  /** The JSON-RPC method, byte for byte. */
  readonly method: string;
  /** The tool's name where the method is `tools/call`, byte for byte. */
  readonly tool?: string | null;
}

export interface Decision {
  readonly effect: 'permit' | 'deny';
  /** What decided: the id of a grant's rule, or `default-deny`, `tool-disabled`, `tool-not-enabled`. */
  readonly rule: string;
  /** For the record and for `explain`. */
  readonly reason: string;
}

export type Grant = SnapshotServer['grants'][string];

/**
 * Whether a request or notification may go to a server. Pure, and the only place that decides: the edge, the policy
 * service's `explain` and the tests run this function.
 *
 * Denied unless a grant permits it; several grants add up; a tool switched off is off for everybody.
 * @param server undefined where the tenant has no such server
 */
export function evaluate(server: SnapshotServer | undefined, call: PolicyCall): Decision {
  if (server === undefined) return deny('default-deny', 'no such server');
  const grants = grantsOf(server, call);
  if (grants.length === 0) return deny('default-deny', 'no grant for this caller');
  if (call.method === 'tools/call') return evaluateTool(server, grants, call.tool ?? null);
  const grant = firstByRule(OPEN_METHOD.test(call.method) ? grants : grants.filter(isWhole));
  return grant === null ? deny('default-deny', 'the grants cover some tools only') : permit(grant);
}

function evaluateTool(server: SnapshotServer, grants: readonly Grant[], tool: string | null): Decision {
  if (tool === null) return deny('default-deny', 'no tool is named');
  if (server.disabledTools.includes(tool)) return deny('tool-disabled', 'the tool is switched off');
  if (server.enabledTools?.includes(tool) === false)
    return deny('tool-not-enabled', 'the tool is not switched on');
  const grant = firstByRule(grants.filter(({ tools }) => tools === '*' || tools.includes(tool)));
  return grant === null ? deny('default-deny', 'no grant covers this tool') : permit(grant);
}

/** What a session consists of, and the list of tools (which is filtered): open to whoever holds any grant. */
const OPEN_METHOD =
  /^(?:initialize|ping|server\/discover|logging\/setLevel|tools\/list|notifications\/[\x21-\x7e]+)$/;

/** The grants a caller holds: one look-up for the subject and one for each team, however many grants there are. */
export function grantsOf({ grants }: SnapshotServer, { subject, teams }: Caller): Grant[] {
  const held: Grant[] = [];
  const add = (holder: string): void => {
    // Own members only: a grant is never inherited from `Object.prototype`.
    const grant = Object.hasOwn(grants, holder) ? grants[holder] : undefined;
    if (grant !== undefined) held.push(grant);
  };
  add(`${subject.type}:${subject.name}`);
  add('team:everyone');
  for (const team of teams) add(`team:${team}`);
  return held;
}

export function isWhole({ tools }: Grant): boolean {
  return tools === '*';
}

/** Of several grants that permit, always the same one is named, in whatever order the teams come. */
function firstByRule(grants: readonly Grant[]): Grant | null {
  return grants.reduce<Grant | null>(
    (first, grant) => (first !== null && first.rule <= grant.rule ? first : grant),
    null,
  );
}

function permit({ rule }: Grant): Decision {
  return { effect: 'permit', rule, reason: 'granted' };
}

function deny(rule: string, reason: string): Decision {
  return { effect: 'deny', rule, reason };
}
