import { Bus } from '@gatehouse/bus';
import { createPasswordLink } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call, Reply } from '../api/route.js';
import { PasswordLinkFor } from './password-link.js';
import { ofUser, UserId } from './user-id.js';

const createUserPasswordLink = route({
  method: 'POST',
  path: '/api/v1/users/{id}/password-link',
  summary: 'A new link by which a person chooses a password, in place of those before; it is shown this once',
  access: 'admin',
  params: UserId,
  status: 201,
  reply: z.object({ passwordLink: z.string() }),
});

@Endpoint(createUserPasswordLink)
export class CreatePasswordLink {
  constructor(
    private readonly bus: Bus,
    private readonly link: PasswordLinkFor,
  ) {}

  async handle({
    caller,
    params,
  }: Call<typeof createUserPasswordLink>): Promise<Reply<typeof createUserPasswordLink>> {
    const { sealed } = await this.bus.request(createPasswordLink, {
      ...ofUser(caller, params),
      ...{ by: caller.subject.name, recipient: this.link.recipient },
    });
    return { passwordLink: await this.link.open(sealed) };
  }
}
