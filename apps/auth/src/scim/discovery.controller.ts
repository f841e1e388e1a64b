import { All, Controller, Get, NotFoundException, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ScimAddresses } from './addresses.js';
import { clientOf, ScimAdmission } from './admission.guard.js';
import { listResponse, MOST_RESULTS } from './page.js';
import { GroupResource, UserResource } from './resources.js';
import { ScimErrors, sendScim } from './scim-errors.filter.js';

const WHOLE = { startIndex: 1, count: MOST_RESULTS };
const RESOURCES = [
  { name: 'User', endpoint: '/Users', definition: UserResource.definition },
  { name: 'Group', endpoint: '/Groups', definition: GroupResource.definition },
];

/** What this SCIM service provider can do (RFC 7644, section 4). */
@Controller('scim/v2/:tenant')
@UseGuards(ScimAdmission)
@UseFilters(ScimErrors)
export class ScimDiscovery {
  constructor(private readonly addresses: ScimAddresses) {}

  @Get('ServiceProviderConfig')
  config(@Req() request: Request, @Res() response: Response): void {
    const location = this.addresses.of(clientOf(request), 'ServiceProviderConfig');
    const unsupported = { supported: false };
    sendScim(response, 200, {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
      patch: { supported: true },
      bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
      filter: { supported: true, maxResults: MOST_RESULTS },
      ...{ changePassword: unsupported, sort: unsupported, etag: unsupported },
      authenticationSchemes: [
        {
          type: 'oauthbearertoken',
          name: 'Bearer token',
          description: 'A token of a service account with the role scim.',
          primary: true,
        },
      ],
      meta: { resourceType: 'ServiceProviderConfig', location },
    });
  }

  @Get('ResourceTypes{/:id}')
  resourceTypes(@Req() request: Request, @Res() response: Response): void {
    const types = RESOURCES.map(({ name, endpoint, definition }) => ({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
      ...{ id: name, name, endpoint, description: definition.description, schema: definition.id },
      meta: {
        resourceType: 'ResourceType',
        location: this.addresses.of(clientOf(request), `ResourceTypes/${name}`),
      },
    }));
    sendScim(response, 200, oneOrAll(types, request.params['id']));
  }

  @Get('Schemas{/:id}')
  schemas(@Req() request: Request, @Res() response: Response): void {
    const base = this.addresses.of(clientOf(request), 'Schemas');
    const schemas = RESOURCES.map(({ definition }) => definition.describe(base));
    sendScim(response, 200, oneOrAll(schemas, request.params['id']));
  }

  /** Declared last: whatever fits nothing else. */
  @All('*rest')
  nothing(): void {
    throw new NotFoundException('There is nothing at this address.');
  }
}

function oneOrAll(all: readonly { id: string }[], id: unknown): object {
  if (id === undefined) return listResponse({ items: [...all], total: all.length }, WHOLE);
  const one = all.find((item) => item.id === id);
  if (!one) throw new NotFoundException('There is nothing at this address.');
  return one;
}
