import { Bus } from '@gatehouse/bus';
import { createServiceAccount, Name, ServiceAccount, ServiceAccountSettings } from '@gatehouse/contracts';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { accountOf } from './service-account-route.js';

const { description, teams, roles, clients, suspended } = ServiceAccountSettings.shape;
const NewServiceAccount = ServiceAccountSettings.extend({
  name: Name,
  description: description.default(''),
  teams: teams.default([]),
  roles: roles.default([]),
  clients: clients.default([]),
  suspended: suspended.default(false),
});

const createAccount = route({
  method: 'POST',
  path: '/api/v1/service-accounts',
  summary: 'Make a service account: an identity for a machine, named in grants as service-account:<name>',
  access: 'admin',
  body: jsonBody(NewServiceAccount),
  status: 201,
  reply: ServiceAccount,
});

@Endpoint(createAccount)
export class CreateServiceAccount {
  constructor(private readonly bus: Bus) {}

  handle({ caller, body }: Call<typeof createAccount>): Promise<Reply<typeof createAccount>> {
    const { name, ...settings } = body;
    return this.bus.request(createServiceAccount, { ...accountOf(caller, name), settings });
  }
}
