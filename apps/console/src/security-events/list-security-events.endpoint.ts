import { Bus } from '@gatehouse/bus';
import { listSecurityEvents, SecurityEvent } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import { limitUpTo, pageOf } from '../api/page.js';
import type { Call, Reply } from '../api/route.js';

const showSecurityEvents = route({
  method: 'GET',
  path: '/api/v1/security-events',
  summary: 'Changes of access and refused attempts, newest first',
  access: 'admin',
  query: z.strictObject({
    kind: z.string().min(1).max(100).optional(),
    subject: z.string().min(1).max(100).optional(),
    limit: limitUpTo(500, 100),
    cursor: z.string().max(500).optional(),
  }),
  reply: pageOf(SecurityEvent),
});

@Endpoint(showSecurityEvents)
export class ListSecurityEvents {
  constructor(private readonly bus: Bus) {}

  handle({ caller, query }: Call<typeof showSecurityEvents>): Promise<Reply<typeof showSecurityEvents>> {
    return this.bus.request(listSecurityEvents, { ...query, tenant: caller.tenant });
  }
}
