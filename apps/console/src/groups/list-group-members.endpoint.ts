import { Bus } from '@gatehouse/bus';
import { listTeamMembers, TeamMember } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import { limitUpTo, pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';
import { GroupId, ofGroup } from './group-id.js';

const listGroupMembers = route({
  method: 'GET',
  path: '/api/v1/groups/{id}/members',
  summary: "A team's members, and who keeps each of them there: local, scim or an identity provider",
  access: 'admin',
  params: GroupId,
  query: z.strictObject({ limit: limitUpTo(500, 100), cursor: z.string().max(500).optional() }),
  reply: pageOf(TeamMember),
});

@Endpoint(listGroupMembers)
export class ListGroupMembers {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params, query }: Call<typeof listGroupMembers>): Promise<Reply<typeof listGroupMembers>> {
    return this.bus.request(listTeamMembers, { ...query, ...ofGroup(caller, params) });
  }
}
