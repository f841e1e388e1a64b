import { Bus } from '@gatehouse/bus';
import { addTeam, Team, TeamName } from '@gatehouse/contracts';
import { z } from 'zod';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';

/** Everybody is in this one without being put there. */
const NewTeamName = TeamName.refine((name) => name !== 'everyone', 'is the team that everybody is in');

const addGroup = route({
  method: 'POST',
  path: '/api/v1/groups',
  summary: 'Make a team',
  access: 'admin',
  body: jsonBody(z.strictObject({ name: NewTeamName })),
  status: 201,
  reply: Team,
});

@Endpoint(addGroup)
export class AddGroup {
  constructor(private readonly bus: Bus) {}

  handle({ caller, body }: Call<typeof addGroup>): Promise<Reply<typeof addGroup>> {
    return this.bus.request(addTeam, { ...body, tenant: caller.tenant, by: caller.subject.name });
  }
}
