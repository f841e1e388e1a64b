import type { CallRecord, Snapshot, SnapshotServer } from '@gatehouse/contracts';
import { SseFrames, type Message, type RequestMessage } from '@gatehouse/mcp';
import type { Decision } from '@gatehouse/policy';
import { v7 as uuid } from 'uuid';
import type { Caller } from '@gatehouse/caller';
import { clientAddress } from '../client-address.js';
import type { Gate } from '../gate.js';
import type { Outcome } from '../journal/entry.js';
import type { Relay } from '../upstream/relay.js';
import type { Exchange } from './exchange.js';
import type { OwnHeaders } from './own-headers.js';

/** A message, and what the policy says of it. */
export interface Judged {
  readonly exchange: Exchange;
  readonly caller: Caller;
  readonly message: Message;
  readonly bytesIn: number;
  readonly snapshot: Snapshot | undefined;
  readonly server: SnapshotServer | undefined;
  readonly decision: Decision;
  readonly own: OwnHeaders;
}

type Answer = Pick<Outcome, 'status' | 'error' | 'isToolError' | 'result'>;

/** Characters of a name or a message; levels of a result. */
const LONGEST_TEXT = 2_048;
const DEEPEST = 64;

const sequence = { next: 0 };

/** The record of a call that is about to leave: `unknown`, until its outcome is there. */
export function intentOf(gate: Gate, judged: Judged, message: RequestMessage): CallRecord {
  const { exchange, caller } = judged;
  const { params, name, method } = message;
  return {
    id: uuid(),
    time: new Date().toISOString(),
    tenant: exchange.target.tenant,
    subject: { ...caller.subject, token: caller.tokenId },
    teams: [...caller.teams],
    client: caller.client,
    edge: gate.edge,
    seq: sequence.next++,
    server: exchange.target.server,
    method,
    tool: short(name ?? ''),
    arguments: withinBytes(params?.['arguments'] ?? null, gate.config.EDGE_RECORD_BYTES),
    result: null,
    decision: {
      effect: judged.decision.effect,
      rule: judged.decision.rule,
      policyVersion: judged.snapshot?.version ?? 0,
    },
    credential: null,
    status: 'unknown',
    error: null,
    isToolError: false,
    latencyMs: { total: 0, upstream: 0 },
    bytes: { in: judged.bytesIn, out: 0 },
    metadata: { ...judged.own.metadata },
    trace: /^[\da-f]{2}-([\da-f]{32})-/.exec(headerOf(exchange, 'traceparent'))?.[1] ?? '',
    protocol: short(message.protocolVersion ?? headerOf(exchange, 'mcp-protocol-version')),
    ip: clientAddress(exchange.request, gate.config.GATEHOUSE_TRUSTED_PROXIES),
  };
}

/** A record in one line, for a person who watches. */
export function lineOf({ subject, method, tool, server, status, latencyMs }: CallRecord): string {
  const what = tool === '' ? method : `${method} ${JSON.stringify(tool)}`;
  return `${subject.name}: ${what} on ${server}: ${status}, ${latencyMs.total} ms`;
}

/**
 * What the answer that was relayed says about the call.
 *
 * @param secrets values that must not reach the record, should the upstream have echoed them
 */
export function readAnswer(relay: Relay, secrets: readonly string[]): Answer {
  const plain = { error: null, isToolError: false, result: null };
  if (relay.cancelled) return { ...plain, status: 'cancelled' };
  const status = relay.status < 400 ? 'ok' : 'error';
  const body = Buffer.concat(relay.captured);
  if (body.length < relay.bytesOut) return { ...plain, status, result: cut(relay.bytesOut) };
  const text = body.toString();
  const answer = relay.contentType.startsWith('text/event-stream') ? findInStream(text) : parsed(text);
  const { error, result = null } = answer ?? {};
  if (isObject(error)) return { ...plain, status: 'error', error: readError(error, secrets) };
  const isToolError = isObject(result) && result['isError'] === true;
  return { ...plain, status: isToolError ? 'error' : status, isToolError, result: keepable(result, secrets) };
}

/** What an upstream calls an error, in the form that a record has. */
function readError(
  { code, message }: Record<string, unknown>,
  secrets: readonly string[],
): CallRecord['error'] {
  return {
    code: Number.isSafeInteger(code) ? (code as number) : 0,
    message: typeof message === 'string' ? short(withoutSecrets(message, secrets)) : '',
  };
}

/** A copy without secrets, however they were escaped in the answer's text, and without depths that JSON cannot be written to. */
function keepable(value: unknown, secrets: readonly string[], depth = 0): unknown {
  if (typeof value === 'string') return withoutSecrets(value, secrets);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => keepable(item, secrets, depth + 1));
  const members = Object.entries(value).map(([name, member]) => [
    withoutSecrets(name, secrets),
    keepable(member, secrets, depth + 1),
  ]);
  return Object.fromEntries(members);
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
}

/** Names and messages come from outside, and a record has to fit into a message of the bus. */
function short(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
}

/** The response among the notifications and server requests of one answer's stream: there is only one. */
function findInStream(body: string): Record<string, unknown> | null {
  const frames = new SseFrames();
  for (const event of [...frames.push(Buffer.from(body)), ...frames.end()]) {
    const message = parsed(event.data ?? '');
    if (message && !('method' in message)) return message;
  }
  return null;
}

function withinBytes(value: unknown, limit: number): unknown {
  const size = value === null ? 0 : Buffer.byteLength(JSON.stringify(value));
  return size > limit ? cut(size) : value;
}

/** Stands in a record for a value that was too large to keep. */
function cut(bytes: number): { truncated: true; bytes: number } {
  return { truncated: true, bytes };
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function headerOf(exchange: Exchange, name: string): string {
  const value = exchange.request.headers[name];
  return typeof value === 'string' ? value : '';
}
