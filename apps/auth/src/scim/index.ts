import { ScimAddresses } from './addresses.js';
import { ScimAdmission } from './admission.guard.js';
import { ScimDiscovery } from './discovery.controller.js';
import { ScimGroupsEndpoint } from './groups.controller.js';
import { ScimGroups } from './groups.store.js';
import { ScimUsersEndpoint } from './users.controller.js';
import { ScimUsers } from './users.store.js';

/** SCIM 2.0, as the module of this service lists it. Discovery comes last: it answers for all other addresses. */
export const scim = {
  endpoints: [ScimUsersEndpoint, ScimGroupsEndpoint, ScimDiscovery],
  stores: [ScimUsers, ScimGroups, ScimAdmission, ScimAddresses],
};
