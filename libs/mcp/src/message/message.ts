/** What `JSON.parse` made of an object. Read own members only: see {@link own}. */
export type JsonObject = Readonly<Record<string, unknown>>;

export interface ClientInfo {
  readonly name: string;
  readonly version: string;
}

interface Invocation {
  readonly method: string;
  readonly params: JsonObject | null;
  /** What the method is applied to: a tool's or prompt's name, a resource's URI. Null where the method has no such thing. */
  readonly name: string | null;
  /** `modern`: the message says its version itself, in `_meta` (2026-07-28 and later). */
  readonly era: 'modern' | 'legacy';
  /** From `_meta`, or what `initialize` asks for; null where the body does not say. */
  readonly protocolVersion: string | null;
  readonly clientInfo: ClientInfo | null;
}

export interface RequestMessage extends Invocation {
  readonly kind: 'request';
  /** The id as JSON text, byte for byte: numbers beyond 2^53 stay exact. */
  readonly rawId: string;
}

export interface NotificationMessage extends Invocation {
  readonly kind: 'notification';
  readonly rawId: null;
}

/** A client's answer to a request of the server (sampling, elicitation, roots), before 2026-07-28. */
export interface ResponseMessage {
  readonly kind: 'response';
  readonly rawId: string;
  readonly isError: boolean;
}

/** One JSON-RPC 2.0 message of MCP, from a client. */
export type Message = RequestMessage | NotificationMessage | ResponseMessage;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member of the object itself: nothing is inherited, whatever the name. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * A member that another parser may take for one of `names`: Go's `encoding/json` matches without regard to case
 * (CVE-2026-27896), the Kelvin sign and the long s included. Null where there is none.
 */
export function lookalike(object: JsonObject, names: ReadonlySet<string>): string | null {
  for (const key of Object.keys(object)) {
    if (!names.has(key) && names.has(key.toUpperCase().toLowerCase())) return key;
  }
  return null;
}
