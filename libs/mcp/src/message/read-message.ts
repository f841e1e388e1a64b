import { isAscii, isUtf8 } from 'node:buffer';
import { RPC, toFault, type Fault, type Refusal } from './fault.js';
import { isObject, lookalike, own, type JsonObject, type Message } from './message.js';
import { readParams } from './read-params.js';
import { JSON_LIMITS, scanJson, type JsonLimits } from './scan-json.js';

export interface MessageLimits extends JsonLimits {
  /** Bytes of the whole body. */
  readonly bytes: number;
  /** Characters of an id, as written. */
  readonly idLength: number;
}

export const MESSAGE_LIMITS: MessageLimits = { ...JSON_LIMITS, bytes: 4 * 1_024 * 1_024, idLength: 1_024 };

export type MessageReading =
  | { readonly ok: true; readonly message: Message }
  /** `rawId` is `null` (JSON) where the fault came before the id could be read. */
  | { readonly ok: false; readonly fault: Fault; readonly rawId: string };

/**
 * Reads the body of a POST: ONE JSON-RPC 2.0 message of MCP, strictly, so that no other parser can read something
 * else in the same bytes: these may then be forwarded as they are.
 */
export function readMessage(bytes: Buffer, limits: MessageLimits = MESSAGE_LIMITS): MessageReading {
  if (bytes.length > limits.bytes) return refuse({ http: 413, reason: `larger than ${limits.bytes} bytes` });
  if (!isUtf8(bytes)) return refuse({ code: RPC.parseError, reason: 'the body is not UTF-8' });
  const text = isAscii(bytes) ? bytes.toString('latin1') : bytes.toString('utf8');
  const { fault, rawId } = scanJson(text, limits);
  if (fault !== null) return refuse(fault);
  const root = parsed(text);
  if (root === undefined)
    return refuse({ code: RPC.parseError, reason: 'the body is not one JSON document' });
  if (Array.isArray(root)) return refuse({ reason: 'batches are not supported' });
  if (!isObject(root)) return refuse({ reason: 'the body is not a JSON object' });
  const idFault = faultOfId(own(root, 'id'), rawId, limits.idLength);
  if (idFault !== null) return refuse({ place: 'id', reason: idFault });
  const message = readEnvelope(root, rawId);
  return 'reason' in message ? refuse(message, rawId || 'null') : { ok: true, message };
}

/** Undefined where the text is not JSON. The parser's own words are dropped: they quote the body. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** MCP: a string or an integer, never null. `-0` and `1.0` are refused since others would answer with another id. */
function faultOfId(id: unknown, rawId: string, longest: number): string | null {
  if (rawId.length > longest) return `longer than ${longest} characters`;
  if (id === undefined || typeof id === 'string') return null;
  return /^(?:0|-?[1-9][0-9]*)$/.test(rawId) ? null : 'must be a string or an integer';
}

const ENVELOPE = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);

function readEnvelope(root: JsonObject, rawId: string): Message | Refusal {
  const twin = lookalike(root, ENVELOPE);
  if (twin !== null) return { place: twin, reason: 'differs in case only from a name of JSON-RPC' };
  if (own(root, 'jsonrpc') !== '2.0') return { place: 'jsonrpc', reason: 'must be "2.0"' };
  const isResult = Object.hasOwn(root, 'result');
  const isError = Object.hasOwn(root, 'error');
  if (Number(Object.hasOwn(root, 'method')) + Number(isResult) + Number(isError) !== 1) {
    return { reason: 'a message has exactly one of method, result and error' };
  }
  if (!isResult && !isError) return readInvocation(root, rawId);
  if (rawId === '') return { place: 'id', reason: 'a response names the request which it answers' };
  return { kind: 'response', rawId, isError };
}

function readInvocation(root: JsonObject, rawId: string): Message | Refusal {
  const method = own(root, 'method');
  if (typeof method !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(method)) {
    return { place: 'method', reason: 'must be a string of 1 to 128 visible ASCII characters' };
  }
  const params = own(root, 'params');
  if (params !== undefined && !isObject(params)) return { place: 'params', reason: 'must be an object' };
  const facts = readParams(method, params ?? null);
  if ('reason' in facts) return facts;
  const { name, era, protocolVersion, clientInfo } = facts;
  const invocation = { method, params: params ?? null, name, era, protocolVersion, clientInfo };
  return rawId === ''
    ? { kind: 'notification', rawId: null, ...invocation }
    : { kind: 'request', rawId, ...invocation };
}

function refuse(refusal: Refusal, rawId = 'null'): MessageReading {
  return { ok: false, fault: toFault(refusal), rawId };
}
