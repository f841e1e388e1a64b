import { Bus } from '@gatehouse/bus';
import { removeTeam } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';
import { GroupId, ofGroup } from './group-id.js';

const removeGroup = route({
  method: 'DELETE',
  path: '/api/v1/groups/{id}',
  summary: 'Remove a team with all its memberships',
  access: 'admin',
  params: GroupId,
  status: 204,
  reply: z.undefined(),
});

@Endpoint(removeGroup)
export class RemoveGroup {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, params }: Call<typeof removeGroup>): Promise<undefined> {
    await this.bus.request(removeTeam, { ...ofGroup(caller, params), by: caller.subject.name });
  }
}
