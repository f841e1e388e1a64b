import { Bus, seal } from '@gatehouse/bus';
import { changePassword, getAuthKey, NewPassword } from '@gatehouse/contracts';
import { z } from 'zod';
import { jsonBody } from '../api/body-format.js';
import { Endpoint, route } from '../api/endpoint.js';
import type { Call } from '../api/route.js';
import { ownerOf } from '../tokens/owner.js';

const changeMyPassword = route({
  method: 'POST',
  path: '/api/v1/me/password',
  summary: 'Choose another password; whatever was signed in with the old one ends',
  access: 'person',
  body: jsonBody(z.strictObject(NewPassword.shape)),
  status: 204,
  reply: z.undefined(),
});

@Endpoint(changeMyPassword)
export class ChangeMyPassword {
  constructor(private readonly bus: Bus) {}

  async handle({ caller, body }: Call<typeof changeMyPassword>): Promise<undefined> {
    const owner = ownerOf(caller);
    const { key } = await this.bus.request(getAuthKey, {});
    await this.bus.request(changePassword, { ...owner, sealed: await seal(body, key) });
  }
}
