import { z } from 'zod';
import { request } from './contract.js';
import { Name, Subject } from './names.js';

export const CALL_STATUSES = ['ok', 'error', 'denied', 'limited', 'unknown', 'cancelled'] as const;

/** A call's record as the edge hands it over; `previous` and `hash` are audit's to add. */
export const CallRecord = z.object({
  /** UUID v7 (RFC 9562). */
  id: z.uuid(),
  /** When the call arrived, RFC 3339. */
  time: z.string(),
  tenant: Name,
  subject: Subject.extend({ token: z.string() }),
  teams: z.array(z.string()),
  client: z.object({ id: z.string(), name: z.string() }),
  /** The edge's id, and the record's number there, without gaps. */
  edge: z.string(),
  seq: z.number().int(),
  server: z.string(),
  method: z.string(),
  tool: z.string(),
  /** Absent is null: what JSON would drop must not make a batch unreadable. */
  arguments: z.unknown().default(null),
  result: z.unknown().default(null),
  decision: z.object({
    effect: z.enum(['permit', 'deny']),
    rule: z.string(),
    policyVersion: z.number().int(),
  }),
  credential: z.string().nullable(),
  /** `unknown`: the edge died between sending the call and hearing the answer. */
  status: z.enum(CALL_STATUSES),
  error: z.object({ code: z.number(), message: z.string() }).nullable(),
  isToolError: z.boolean(),
  latencyMs: z.object({ total: z.number(), upstream: z.number() }),
  bytes: z.object({ in: z.number().int(), out: z.number().int() }),
  metadata: z.record(z.string(), z.string()),
  trace: z.string(),
  protocol: z.string(),
  ip: z.string(),
});
export type CallRecord = z.output<typeof CallRecord>;

/** As stored: `hash` = SHA-256 over the canonical record and `previous`, one chain per tenant. */
export const StoredCallRecord = CallRecord.extend({ previous: z.string(), hash: z.string() });
export type StoredCallRecord = z.output<typeof StoredCallRecord>;

/** Stores records; a repeated id is taken in once. The edge drops them from its journal only after the reply. */
export const appendRecords = request({
  subject: 'audit.record.append',
  request: z.object({ records: z.array(CallRecord).min(1).max(1_000) }),
  reply: z.object({ accepted: z.number().int(), repeated: z.number().int() }),
  callers: ['edge'],
  failures: ['database.unavailable'],
  deadlineMs: 10_000,
});

/** Searches a tenant's records, newest first. */
export const searchCalls = request({
  subject: 'audit.call.search',
  request: z.object({
    tenant: Name,
    from: z.iso.datetime({ offset: true }).optional(),
    to: z.iso.datetime({ offset: true }).optional(),
    server: z.string().optional(),
    tool: z.string().optional(),
    /** A person's e-mail address or a service account's name. */
    user: z.string().optional(),
    status: z.enum(CALL_STATUSES).optional(),
    limit: z.number().int().min(1).max(200).default(50),
    cursor: z.string().optional(),
  }),
  reply: z.object({ items: z.array(StoredCallRecord), next: z.string().nullable() }),
  callers: ['console'],
  failures: ['api.invalid_request', 'database.unavailable'],
});
