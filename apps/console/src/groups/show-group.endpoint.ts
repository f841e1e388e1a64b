import { Bus } from '@gatehouse/bus';
import { getTeam, Team } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { GroupId, ofGroup } from './group-id.js';

const showGroup = route({
  method: 'GET',
  path: '/api/v1/groups/{id}',
  summary: 'One team',
  access: 'admin',
  params: GroupId,
  reply: Team,
});

@Endpoint(showGroup)
export class ShowGroup {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params }: Call<typeof showGroup>): Promise<Reply<typeof showGroup>> {
    return this.bus.request(getTeam, ofGroup(caller, params));
  }
}
