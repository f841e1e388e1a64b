import type { CallRecord, SnapshotServer } from '@gatehouse/contracts';
import {
  describeFault,
  headersAgree,
  MESSAGE_LIMITS,
  readMessage,
  type Message,
  type RequestMessage,
} from '@gatehouse/mcp';
import type { Decision } from '@gatehouse/policy';
import type { Caller } from '@gatehouse/caller';
import { presentedToken } from '../caller/presented-token.js';
import type { Gate } from '../gate.js';
import type { Lease } from '../leases.js';
import { Refusal } from '../refusal.js';
import { Clock } from './clock.js';
import { decide, findServer } from './decide.js';
import type { Exchange } from './exchange.js';
import { forward } from './forward.js';
import { checkNotPutOn, ownHeaders, type OwnHeaders } from './own-headers.js';
import { intentOf, readAnswer, type Judged } from './record.js';
import { checkOrigin, checkPostForm, readBody } from './request-form.js';
import { checkScope } from './scope.js';

/** Steps of one POST, in order. Each lets the call on, or throws what answers it. */
export async function postMessage(gate: Gate, exchange: Exchange): Promise<void> {
  const caller = (exchange.caller = await identify(gate, exchange));
  checkOrigin(exchange.request, gate.config.GATEHOUSE_PUBLIC_URL);
  checkPostForm(exchange.request);
  const bytes = await readBody(exchange.request, gate.config.EDGE_BODY_LIMIT);
  const message = readOne(gate, exchange, bytes);
  const judged = judge(gate, { exchange, caller, message, bytesIn: bytes.length });
  if (message.kind === 'request') await call(gate, judged, { bytes, message });
  else await passOn(gate, judged, bytes);
}

/** Who is calling; without a wait where the verdict on the token is at hand. */
export function identify(
  { callers }: Pick<Gate, 'callers'>,
  { request, resource, target }: Exchange,
): Caller | Promise<Caller> {
  return callers.identify(presentedToken(request), { resource, tenant: target.tenant });
}

function readOne(gate: Gate, exchange: Exchange, bytes: Buffer): Message {
  const reading = readMessage(bytes, { ...MESSAGE_LIMITS, bytes: gate.config.EDGE_BODY_LIMIT });
  exchange.rawId = (reading.ok ? reading.message.rawId : reading.rawId) ?? 'null';
  const fault = reading.ok
    ? reading.message.kind === 'response' ? null : headersAgree(exchange.request.headers, reading.message)
    : reading.fault; // prettier-ignore
  if (fault) throw new Refusal({ http: fault.http, rpc: fault.code, text: describeFault(fault) });
  if (!reading.ok) throw new Error('a reading without a message has a fault');
  checkHasId(reading.message);
  return (exchange.message = reading.message);
}

/** Without an id a server may run a call all the same, and it would leave no record. */
function checkHasId(message: Message): void {
  if (message.kind === 'notification' && !message.method.startsWith('notifications/'))
    throw Refusal.malformed(400, 'id: a request has one; only methods under notifications/ go without.');
}

function judge(gate: Gate, asked: Pick<Judged, 'exchange' | 'caller' | 'message' | 'bytesIn'>): Judged {
  const { exchange, caller, message } = asked;
  const snapshot = gate.snapshots.of(exchange.target.tenant);
  const server = findServer(snapshot, exchange.target.server);
  const decision = decide(server, caller, message);
  return { ...asked, snapshot, server, decision, own: ownHeaders(exchange, server) };
}

/** A request: recorded before it leaves, and when it is answered, refused or failed. */
async function call(
  gate: Gate,
  judged: Judged,
  { bytes, message }: { bytes: Buffer; message: RequestMessage },
): Promise<void> {
  const record = intentOf(gate, judged, message);
  const clock = new Clock(judged.exchange.arrived);
  let begun = false;
  try {
    const lease = await admit(gate, judged);
    record.credential = lease?.credential ?? null;
    await gate.journal.begin(record);
    begun = true;
    clock.left();
    const relay = await forward(gate, judged, { bytes, lease });
    gate.journal.end(record.id, {
      ...readAnswer(relay, secretsOf(judged.own, lease)),
      ...clock.measured(record, relay),
    });
  } catch (error) {
    const failed = { ...refusedAs(error), ...clock.measured(record, null) };
    if (begun) gate.journal.end(record.id, failed);
    else await gate.journal.note({ ...record, ...failed });
    throw error;
  }
}

/** A notification, or an answer to a question of the server: judged alike, but not a call. */
async function passOn(gate: Gate, judged: Judged, bytes: Buffer): Promise<void> {
  await forward(gate, judged, { bytes, lease: await admit(gate, judged) });
}

/** May they, how often, and with which credential. */
async function admit(gate: Gate, judged: Judged): Promise<Lease | null> {
  const { caller, decision, snapshot, server, exchange } = judged;
  if (!snapshot || !server) throw Refusal.of('policy.unknown_server', { status: 'denied' });
  if (decision.effect === 'deny') throw denied(decision);
  checkScope(gate, judged);
  await gate.limits.take(snapshot, caller);
  const lease = await leaseFor(gate, exchange, server);
  checkNotPutOn(judged.own, lease);
  return lease;
}

function denied({ reason }: Decision): Refusal {
  const text = `Not allowed: ${reason}. Ask an administrator for access.`;
  return Refusal.of('policy.denied', { status: 'denied', text });
}

/** The credential to put on; without a wait where it is at hand. */
export function leaseFor(
  gate: Gate,
  exchange: Exchange,
  server: SnapshotServer,
): Lease | Promise<Lease> | null {
  if (server.credential === 'none') return null;
  const { request, resource, target } = exchange;
  return gate.leases.get({
    tenant: target.tenant,
    server: server.name,
    resource,
    token: () => presentedToken(request),
  });
}

function secretsOf(own: OwnHeaders, lease: Lease | null): string[] {
  const values = [...Object.values(own.headers), ...Object.values(lease?.headers ?? {})];
  return values.flatMap((value) => [value, value.replace(/^\S+ /, '')]).filter((value) => value.length >= 8);
}

function refusedAs(error: unknown): Pick<CallRecord, 'status' | 'error' | 'isToolError' | 'result'> {
  const { rpc, text, status = 'error' } = Refusal.from(error).details;
  return { status, error: { code: rpc, message: text }, isToolError: false, result: null };
}
