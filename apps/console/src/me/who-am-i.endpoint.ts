import { Subject } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';

const whoAmI = route({
  method: 'GET',
  path: '/api/v1/me',
  summary: 'Who the token speaks for',
  access: 'person',
  reply: z.object({
    tenant: z.string(),
    subject: Subject,
    teams: z.array(z.string()),
    admin: z.boolean(),
  }),
});

@Endpoint(whoAmI)
export class WhoAmI {
  handle({ caller }: Call<typeof whoAmI>): Reply<typeof whoAmI> {
    const { tenant, subject, teams, admin } = caller;
    return { tenant, subject, teams: [...teams], admin };
  }
}
