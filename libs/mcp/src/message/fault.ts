/** Why something that arrived is refused, said so that its sender can mend it. */
export interface Fault {
  /** HTTP status of the answer. */
  readonly http: 400 | 413;
  /** JSON-RPC error code of the answer. */
  readonly code: number;
  /** Where: a path in the body (`params.name`), or a header's name and a path in its value. Empty: the whole. */
  readonly place: string;
  /** What is wrong there. Quotes no values, since they may be secret. */
  readonly reason: string;
}

/** Codes of JSON-RPC 2.0, section 5.1, and of MCP 2026-07-28, transports. */
export const RPC = {
  parseError: -32700,
  invalidRequest: -32600,
  invalidParams: -32602,
  headerMismatch: -32020,
} as const;

/** A fault as one line of text: `params.name: must be a string`. */
export function describeFault(fault: Fault): string {
  return fault.place === '' ? fault.reason : `${fault.place}: ${fault.reason}`;
}

/** A fault before its usual parts are filled in: HTTP 400, invalid request, about the whole. */
export type Refusal = Pick<Fault, 'reason'> & Partial<Fault>;

export function toFault({ http = 400, code = RPC.invalidRequest, place = '', reason }: Refusal): Fault {
  return { http, code, place, reason };
}
