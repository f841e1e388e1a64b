import { Bus } from '@gatehouse/bus';
import { rotateAuthKeys } from '@gatehouse/contracts';
import { Endpoint, route } from '../api/endpoint.js';
import type { Reply } from '../api/route.js';

const rotateKeys = route({
  method: 'POST',
  path: '/api/v1/keys/rotate',
  summary: 'Make the next key that signs access tokens; nobody is signed out',
  access: 'admin',
  reply: rotateAuthKeys.reply,
});

/** The keys are those of all tenants. Asking again before the next one serves makes no other. */
@Endpoint(rotateKeys)
export class RotateKeys {
  constructor(private readonly bus: Bus) {}

  handle(): Promise<Reply<typeof rotateKeys>> {
    return this.bus.request(rotateAuthKeys, {});
  }
}
