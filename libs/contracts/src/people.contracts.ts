import { z } from 'zod';
import { request } from './contract.js';
import { Name, PublicJwk, Sealed } from './names.js';

/** A team's name, as grants (`team:<name>`) and tokens carry it: 1 to 100 visible characters. */
export const TeamName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, { message: 'must not hold control or invisible characters' });

export const PersonName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, { message: 'must not hold control or invisible characters' });

export const Email = z.email().max(254).toLowerCase();

/** Who keeps a membership: `local` (an administrator), `scim`, or `idp:<name>` (an identity provider, at each sign-in). */
const Sources = z.array(z.string());

export const Person = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  admin: z.boolean(),
  suspended: z.boolean(),
  teams: z.array(z.object({ id: z.string(), name: z.string(), sources: Sources })),
  /** RFC 3339. */
  created: z.string(),
  lastSignIn: z.string().nullable(),
});
export type Person = z.output<typeof Person>;

/** A page of a list; `next` is the cursor of the page after it, null on the last. */
const paged = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

const paging = {
  limit: z.number().int().min(1).max(500).default(100),
  cursor: z.string().max(500).optional(),
};

/** Whom a call is about. `by` is who asked for it, for the security event: a name, never a secret. */
const ofPerson = { tenant: Name, person: z.string() };
const by = z.string();

/** A tenant's people, by e-mail address. */
export const listPeople = request({
  subject: 'auth.person.list',
  request: z.object({
    tenant: Name,
    /** A part of the address, in any case. */
    email: z.string().max(254).optional(),
    suspended: z.boolean().optional(),
    ...paging,
  }),
  reply: paged(Person),
  callers: ['console'],
});

export const getPerson = request({
  subject: 'auth.person.get',
  request: z.object(ofPerson),
  reply: Person,
  callers: ['console'],
  failures: ['auth.unknown_person'],
});

/** What is sealed to who asked for a one-time link by which a person chooses a password. */
export const PasswordLinkSecret = z.object({ token: z.string() });

/** Makes a person who can sign in once they have chosen a password by the link, whose token comes sealed. */
export const addPerson = request({
  subject: 'auth.person.add',
  request: z.object({
    tenant: Name,
    email: Email,
    name: PersonName,
    admin: z.boolean().default(false),
    by,
    recipient: PublicJwk,
  }),
  reply: z.object({ person: Person, sealed: Sealed }),
  callers: ['console'],
  failures: ['auth.person_exists'],
});

/** Makes a new one-time link for a person, in place of those before. */
export const createPasswordLink = request({
  subject: 'auth.password-link.create',
  request: z.object({ ...ofPerson, by, recipient: PublicJwk }),
  reply: z.object({ sealed: Sealed }),
  callers: ['console'],
  failures: ['auth.unknown_person'],
});

/** Suspending ends everything that the person holds; taking the administrator's rights away ends access tokens. */
export const changePerson = request({
  subject: 'auth.person.change',
  request: z.object({
    ...ofPerson,
    name: PersonName.optional(),
    admin: z.boolean().optional(),
    suspended: z.boolean().optional(),
    by,
  }),
  reply: Person,
  callers: ['console'],
  failures: ['auth.unknown_person', 'auth.last_admin'],
});

export const removePerson = request({
  subject: 'auth.person.remove',
  request: z.object({ ...ofPerson, by }),
  reply: z.object({}),
  callers: ['console'],
  failures: ['auth.unknown_person', 'auth.last_admin'],
});

/** Ends a person's browser sessions and the sign-ins of their clients; `tokens`: personal access tokens too. */
export const signOutPerson = request({
  subject: 'auth.person.sign-out',
  request: z.object({ ...ofPerson, tokens: z.boolean(), by }),
  reply: z.object({}),
  callers: ['console'],
  failures: ['auth.unknown_person'],
});

/** Revokes all personal access tokens of a person. */
export const revokeTokens = request({
  subject: 'auth.token.revoke-all',
  request: z.object({ ...ofPerson, by }),
  reply: z.object({}),
  callers: ['console'],
  failures: ['auth.unknown_person'],
});

/** What is sealed to auth for {@link changePassword}. */
export const NewPassword = z.object({ current: z.string().max(1_000), next: z.string().min(12).max(1_000) });

/** The person's own change of password: ends every sign-in made with the old one. */
export const changePassword = request({
  subject: 'auth.password.change',
  request: z.object({ ...ofPerson, sealed: Sealed }),
  reply: z.object({}),
  callers: ['console'],
  failures: ['auth.unknown_person', 'auth.wrong_password', 'limit.exceeded'],
});

export const Team = z.object({
  id: z.string(),
  name: z.string(),
  members: z.number().int(),
  created: z.string(),
});
export type Team = z.output<typeof Team>;
export const TeamMember = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  sources: Sources,
});
export type TeamMember = z.output<typeof TeamMember>;
const ofTeam = { tenant: Name, team: z.string() };

/** A tenant's teams, by name. */
export const listTeams = request({
  subject: 'auth.team.list',
  request: z.object({ tenant: Name, ...paging }),
  reply: paged(Team),
  callers: ['console'],
});

export const getTeam = request({
  subject: 'auth.team.get',
  request: z.object(ofTeam),
  reply: Team,
  callers: ['console'],
  failures: ['auth.unknown_team'],
});

/** A team's members, by e-mail address, and who keeps each of them there. */
export const listTeamMembers = request({
  subject: 'auth.team-member.list',
  request: z.object({ ...ofTeam, ...paging }),
  reply: paged(TeamMember),
  callers: ['console'],
  failures: ['auth.unknown_team'],
});

export const addTeam = request({
  subject: 'auth.team.add',
  request: z.object({ tenant: Name, name: TeamName, by }),
  reply: Team,
  callers: ['console'],
  failures: ['auth.team_exists'],
});

/** Most people that one change of a team may add and remove. */
export const MOST_MEMBERS_CHANGED = 10_000;

/** Adds and removes members of the source `local`: what SCIM or an identity provider keeps stays as it is. */
export const changeTeam = request({
  subject: 'auth.team.change',
  request: z.object({
    ...ofTeam,
    add: z.array(z.string()).max(1_000).default([]),
    remove: z.array(z.string()).max(1_000).default([]),
    by,
  }),
  reply: Team,
  callers: ['console'],
  failures: ['auth.unknown_team', 'auth.unknown_person'],
});

/** Removes a team with its memberships, whoever keeps them. */
export const removeTeam = request({
  subject: 'auth.team.remove',
  request: z.object({ ...ofTeam, by }),
  reply: z.object({}),
  callers: ['console'],
  failures: ['auth.unknown_team'],
});

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
  request: z.object({ tenant: Name, subject: z.string(), method: z.string(), path: z.string() }),
  reply: z.object({}),
  callers: ['console'],
});
