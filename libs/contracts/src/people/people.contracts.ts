import { z } from 'zod';
import { request } from '../contract.js';
import { Name, PublicJwk, Sealed } from '../names.js';
import { paged, paging } from './paging.js';
import { Sources } from './teams.contracts.js';

export const PersonName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, { message: 'must not hold control or invisible characters' });

export const Email = z.email().max(254).toLowerCase();

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
