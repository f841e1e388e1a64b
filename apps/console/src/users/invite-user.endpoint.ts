import { Bus } from '@gatehouse/bus';
import { addPerson, Person } from '@gatehouse/contracts';
import { z } from 'zod';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { PasswordLinkFor } from './password-link.js';

const inviteUser = route({
  method: 'POST',
  path: '/api/v1/users',
  summary: 'Make a person, and a link by which they choose a password; it is shown this once',
  access: 'admin',
  body: jsonBody(
    z.strictObject(
      addPerson.request.pick({ email: true, name: true, admin: true }).partial({ name: true }).shape,
    ),
  ),
  status: 201,
  reply: z.object({ user: Person, passwordLink: z.string() }),
});

@Endpoint(inviteUser)
export class InviteUser {
  constructor(
    private readonly bus: Bus,
    private readonly link: PasswordLinkFor,
  ) {}

  async handle({ caller, body }: Call<typeof inviteUser>): Promise<Reply<typeof inviteUser>> {
    const { tenant, subject } = caller;
    const { person, sealed } = await this.bus.request(addPerson, {
      ...{ tenant, name: body.email, ...body },
      ...{ by: subject.name, recipient: this.link.recipient },
    });
    return { user: person, passwordLink: await this.link.open(sealed) };
  }
}
