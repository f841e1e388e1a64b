import { z } from 'zod';
import { request } from '../contract.js';
import { Name } from '../names.js';
import { paged, paging } from './paging.js';

/** A team's name, as grants (`team:<name>`) and tokens carry it: 1 to 100 visible characters. */
export const TeamName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, { message: 'must not hold control or invisible characters' });

/** Who keeps a membership: `local` (an administrator), `scim`, or `idp:<name>` (an identity provider, at each sign-in). */
export const Sources = z.array(z.string());

/** Who asked for it, for the security event: a name, never a secret. */
const by = z.string();

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
