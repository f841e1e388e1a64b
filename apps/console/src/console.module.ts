import type { DynamicModule } from '@nestjs/common';
import { Bus, TransportKey } from '@gatehouse/bus';
import { Callers } from '@gatehouse/caller';
import { Addresses } from './addresses.js';
import { Admission } from './api/admission.guard.js';
import { routeOf } from './api/endpoint.js';
import { Routes } from './api/route.js';
import { ShowOpenApi } from './api/show-openapi.endpoint.js';
import { approvals } from './approvals/index.js';
import { ApiCallers } from './caller/api-callers.js';
import { ShowResourceMetadata } from './caller/resource-metadata.endpoint.js';
import { SearchCalls } from './calls/search-calls.endpoint.js';
import { groups } from './groups/index.js';
import { ISSUERS } from './issuers/index.js';
import { CLIENTS } from './clients/index.js';
import { RotateKeys } from './keys/rotate-keys.endpoint.js';
import { identityProviders } from './identity-providers/index.js';
import { ApplyManifests } from './manifests/apply-manifests.endpoint.js';
import { ChangeMyPassword } from './me/change-my-password.endpoint.js';
import { WhoAmI } from './me/who-am-i.endpoint.js';
import { ListSecurityEvents } from './security-events/list-security-events.endpoint.js';
import { Refusals } from './security-events/refusals.js';
import { ConnectServer } from './servers/connect-server.endpoint.js';
import { DeleteServer } from './servers/delete-server.endpoint.js';
import { ListServers } from './servers/list-servers.endpoint.js';
import { ShowServer } from './servers/show-server.endpoint.js';
import { VisibleServers } from './servers/visible-servers.js';
import { SERVICE_ACCOUNTS } from './service-accounts/index.js';
import { sessions } from './sessions/index.js';
import { CreateToken } from './tokens/create-token.endpoint.js';
import { ListTokens } from './tokens/list-tokens.endpoint.js';
import { RevokeToken, RevokeTokenByQuery } from './tokens/revoke-token.endpoint.js';
import { users } from './users/index.js';
import { PasswordLinkFor } from './users/password-link.js';

/** The admin API: what is not in this list is not served. */
const ENDPOINTS = [
  ShowResourceMetadata,
  ShowOpenApi,
  WhoAmI,
  CreateToken,
  ListTokens,
  RevokeToken,
  RevokeTokenByQuery,
  ListServers,
  ShowServer,
  ConnectServer,
  DeleteServer,
  ApplyManifests,
  SearchCalls,
  RotateKeys,
  ChangeMyPassword,
  ...sessions,
  ...approvals,
  ...users,
  ...groups,
  ListSecurityEvents,
  ...SERVICE_ACCOUNTS,
  ...ISSUERS,
  ...CLIENTS,
  ...identityProviders,
];

export class ConsoleModule {
  static with(bus: Bus, key: TransportKey, addresses: Addresses): DynamicModule {
    return {
      module: ConsoleModule,
      controllers: ENDPOINTS,
      providers: [
        { provide: Bus, useValue: bus },
        { provide: TransportKey, useValue: key },
        { provide: Addresses, useValue: addresses },
        { provide: Callers, useValue: new Callers(bus, addresses.origin) },
        { provide: Routes, useValue: new Routes(ENDPOINTS.map(routeOf)) },
        Admission,
        ApiCallers,
        VisibleServers,
        PasswordLinkFor,
        Refusals,
      ],
    };
  }
}
