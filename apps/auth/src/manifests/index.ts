import { ApplyAccessManifests } from './apply-access-manifests.handler.js';
import { IdentityProviderManifests } from './identity-provider-manifests.js';
import { ServiceAccountManifests } from './service-account-manifests.store.js';
import { TeamManifests } from './team-manifests.store.js';

/** The kinds of manifest that this service keeps, as its module lists them. */
export const manifests = {
  handlers: [ApplyAccessManifests],
  services: [TeamManifests, ServiceAccountManifests, IdentityProviderManifests],
};
