import { z } from 'zod';
import { Addresses } from '../addresses.js';
import { Endpoint, route } from './endpoint.js';
import { openApi } from './openapi.js';
import { type Reply, Routes } from './route.js';

const showOpenApi = route({
  method: 'GET',
  path: '/api/v1/openapi.json',
  summary: 'This description, OpenAPI 3.1',
  access: 'public',
  reply: z.looseObject({ openapi: z.string() }),
});

@Endpoint(showOpenApi)
export class ShowOpenApi {
  constructor(
    private readonly routes: Routes,
    private readonly addresses: Addresses,
  ) {}

  handle(): Reply<typeof showOpenApi> {
    return openApi(this.routes.all, this.addresses.origin) as Reply<typeof showOpenApi>;
  }
}
