import { z } from 'zod';
import { request } from '../contract.js';
import { Name } from '../names.js';
import { paged, paging } from './paging.js';

const ofPerson = { tenant: Name, person: z.string() };

/** One sign-in of one installation of a client (an OAuth grant), for one server. */
export const SignIn = z.object({
  id: z.string(),
  client: z.object({ id: z.string(), name: z.string() }),
  /** Where the client's redirects lead: a host, or an app's scheme. */
  redirectHosts: z.array(z.string()),
  /** The MCP server's address, or the admin API's. */
  resource: z.string(),
  scopes: z.array(z.string()),
  created: z.string(),
  /** When it was last refreshed. */
  lastUsed: z.string().nullable(),
});
export type SignIn = z.output<typeof SignIn>;

/** A person's sign-ins, newest first. */
export const listSignIns = request({
  subject: 'auth.sign-in.list',
  request: z.object(ofPerson),
  reply: z.object({ items: z.array(SignIn) }),
  callers: ['console'],
  failures: ['auth.unknown_person'],
});

export const endSignIn = request({
  subject: 'auth.sign-in.end',
  request: z.object({ ...ofPerson, id: z.string() }),
  reply: z.object({}),
  callers: ['console'],
  failures: ['auth.unknown_person', 'auth.unknown_sign_in'],
});

/** What a person has approved on the approval page, and is not asked again. */
export const Approval = z.object({
  id: z.string(),
  client: z.object({ id: z.string(), name: z.string() }),
  redirectHost: z.string(),
  resource: z.string(),
  scopes: z.array(z.string()),
  approved: z.string(),
});
export type Approval = z.output<typeof Approval>;

/** A person's approvals, newest first. */
export const listApprovals = request({
  subject: 'auth.approval.list',
  request: z.object(ofPerson),
  reply: z.object({ items: z.array(Approval) }),
  callers: ['console'],
  failures: ['auth.unknown_person'],
});

/** Forgets an approval, and ends that client's sign-ins of the person at that server. */
export const withdrawApproval = request({
  subject: 'auth.approval.withdraw',
  request: z.object({ ...ofPerson, id: z.string() }),
  reply: z.object({}),
  callers: ['console'],
  failures: ['auth.unknown_person', 'auth.unknown_approval'],
});

export const SecurityEvent = z.object({
  id: z.string(),
  time: z.string(),
  /** `<noun>.<past>`, as in `refresh_token.replayed`. */
  kind: z.string(),
  /** The id of the person or service account concerned. */
  subject: z.string().nullable(),
  client: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export type SecurityEvent = z.output<typeof SecurityEvent>;

/** Changes of access and refused attempts, newest first. */
export const listSecurityEvents = request({
  subject: 'auth.security-event.list',
  request: z.object({
    tenant: Name,
    kind: z.string().max(100).optional(),
    subject: z.string().max(100).optional(),
    ...paging,
  }),
  reply: paged(SecurityEvent),
  callers: ['console'],
  failures: ['api.invalid_request'],
});

/** Somebody who is known was refused at the admin API. */
export const recordRefusal = request({
  subject: 'auth.security-event.record-refusal',
  request: z.object({ tenant: Name, subject: z.string(), method: z.string(), path: z.string().max(2_000) }),
  reply: z.object({}),
  callers: ['console'],
});
