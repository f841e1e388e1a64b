import { Bus } from '@gatehouse/bus';
import { listPeople, Person } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import { limitUpTo, pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';

const listUsers = route({
  method: 'GET',
  path: '/api/v1/users',
  summary: 'People, by e-mail address',
  access: 'admin',
  query: z.strictObject({
    email: z.string().min(1).max(254).optional(),
    suspended: z.enum(['true', 'false']).optional(),
    limit: limitUpTo(500, 100),
    cursor: z.string().max(500).optional(),
  }),
  reply: pageOf(Person),
});

@Endpoint(listUsers)
export class ListUsers {
  constructor(private readonly bus: Bus) {}

  handle({ caller, query }: Call<typeof listUsers>): Promise<Reply<typeof listUsers>> {
    const { suspended, ...rest } = query;
    return this.bus.request(listPeople, {
      ...rest,
      tenant: caller.tenant,
      ...(suspended === undefined ? {} : { suspended: suspended === 'true' }),
    });
  }
}
