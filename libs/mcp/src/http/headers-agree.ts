import { isUtf8 } from 'node:buffer';
import { RPC, toFault, type Fault } from '../message/fault.js';
import type { NotificationMessage, RequestMessage } from '../message/message.js';

/** Header fields as Node gives them: names in lower case, repeated ones joined by a comma. */
export type HeaderFields = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Whether the headers of MCP 2026-07-28 (transports, "Standard Headers") say what the body says; the fault if not.
 * In the legacy era they may be missing, and the version header is the session's, not the message's.
 */
export function headersAgree(
  headers: HeaderFields,
  message: RequestMessage | NotificationMessage,
): Fault | null {
  const isModern = message.era === 'modern';
  if (isModern && headers['mcp-protocol-version'] !== message.protocolVersion) {
    return mismatch('MCP-Protocol-Version', headers['mcp-protocol-version']);
  }
  const method = headers['mcp-method'];
  if ((isModern || method !== undefined) && decoded(method) !== message.method)
    return mismatch('Mcp-Method', method);
  // Extensions may define the name of other methods: those are compared by the server which knows them.
  if (message.name === null) return null;
  const name = headers['mcp-name'];
  const isNeeded = isModern && NAMED_METHODS.has(message.method);
  if ((isNeeded || name !== undefined) && decoded(name) !== message.name) return mismatch('Mcp-Name', name);
  return null;
}

const NAMED_METHODS = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** `=?base64?...?=` carries what a header cannot. Undefined where the encoding is broken: it then equals nothing. */
function decoded(value: string | string[] | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (!value.startsWith('=?base64?') || !value.endsWith('?=')) return value;
  const encoded = value.slice('=?base64?'.length, -'?='.length);
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded && isUtf8(bytes) ? bytes.toString() : undefined;
}

function mismatch(place: string, value: unknown): Fault {
  const reason = value === undefined ? 'is missing' : 'differs from what the body says';
  return toFault({ code: RPC.headerMismatch, place, reason });
}
