import { Bus } from '@gatehouse/bus';
import { listTeams, Team } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import { limitUpTo, pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';

const listGroups = route({
  method: 'GET',
  path: '/api/v1/groups',
  summary: 'Teams, by name',
  access: 'admin',
  query: z.strictObject({ limit: limitUpTo(500, 100), cursor: z.string().max(500).optional() }),
  reply: pageOf(Team),
});

@Endpoint(listGroups)
export class ListGroups {
  constructor(private readonly bus: Bus) {}

  handle({ caller, query }: Call<typeof listGroups>): Promise<Reply<typeof listGroups>> {
    return this.bus.request(listTeams, { ...query, tenant: caller.tenant });
  }
}
