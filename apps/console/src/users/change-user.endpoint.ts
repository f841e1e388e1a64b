import { Bus } from '@gatehouse/bus';
import { changePerson, Person } from '@gatehouse/contracts';
import { z } from 'zod';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { ofUser, UserId } from './user-id.js';

const changeUser = route({
  method: 'PATCH',
  path: '/api/v1/users/{id}',
  summary: 'Rename a person, suspend or restore them, make them an administrator or not',
  access: 'admin',
  params: UserId,
  body: jsonBody(
    z.strictObject(changePerson.request.pick({ name: true, admin: true, suspended: true }).shape),
  ),
  reply: Person,
});

@Endpoint(changeUser)
export class ChangeUser {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params, body }: Call<typeof changeUser>): Promise<Reply<typeof changeUser>> {
    return this.bus.request(changePerson, { ...body, ...ofUser(caller, params), by: caller.subject.name });
  }
}
