import { Bus } from '@gatehouse/bus';
import { revokeToken } from '@gatehouse/contracts';
import { z } from 'zod';
import { Endpoint, route } from '../api/endpoint.js';
import { knownToken } from '../api/unknown-token.js';
import type { Call } from '../api/route.js';
import type { Caller } from '@gatehouse/caller';
import { ownerOf } from './owner.js';

const Id = z.strictObject({ id: z.string().min(1).max(200) });
const Revoked = z.undefined();

const revokeMyToken = route({
  method: 'DELETE',
  path: '/api/v1/me/tokens/{id}',
  summary: 'Revoke one of my personal access tokens',
  access: 'person',
  params: Id,
  status: 204,
  reply: Revoked,
});

const revokeMyTokenByQuery = route({
  method: 'DELETE',
  path: '/api/v1/me/tokens',
  summary: 'Revoke one of my personal access tokens, named in the query',
  access: 'person',
  query: Id,
  status: 204,
  reply: Revoked,
});

async function revoke(bus: Bus, caller: Caller, id: string): Promise<undefined> {
  await knownToken(bus.request(revokeToken, { ...ownerOf(caller), id }));
}

@Endpoint(revokeMyToken)
export class RevokeToken {
  constructor(private readonly bus: Bus) {}

  handle({ caller, params }: Call<typeof revokeMyToken>): Promise<undefined> {
    return revoke(this.bus, caller, params.id);
  }
}

@Endpoint(revokeMyTokenByQuery)
export class RevokeTokenByQuery {
  constructor(private readonly bus: Bus) {}

  handle({ caller, query }: Call<typeof revokeMyTokenByQuery>): Promise<undefined> {
    return revoke(this.bus, caller, query.id);
  }
}
