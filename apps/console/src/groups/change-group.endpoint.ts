import { Bus } from '@gatehouse/bus';
import { changeTeam, Team } from '@gatehouse/contracts';
import { z } from 'zod';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { GroupId, ofGroup } from './group-id.js';

const changeGroup = route({
  method: 'PATCH',
  path: '/api/v1/groups/{id}',
  summary: 'Add and remove members, by their ids; those of SCIM and identity providers stay',
  access: 'admin',
  params: GroupId,
  body: jsonBody(z.strictObject(changeTeam.request.pick({ add: true, remove: true }).shape)),
  reply: Team,
});

@Endpoint(changeGroup)
export class ChangeGroup {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params, body }: Call<typeof changeGroup>): Promise<Reply<typeof changeGroup>> {
    return this.bus.request(changeTeam, { ...body, ...ofGroup(caller, params), by: caller.subject.name });
  }
}
