import { DeleteIdentityProvider } from './administration/delete-identity-provider.handler.js';
import { ListIdentityProviders } from './administration/list-identity-providers.handler.js';
import { SaveIdentityProvider } from './administration/save-identity-provider.handler.js';
import { GetSignInSettings, SetSignInSettings } from './administration/sign-in-settings.handlers.js';
import { TestIdentityProvider } from './administration/test-identity-provider.handler.js';
import { GroupOverage } from './claims/group-overage.js';
import { LinkedPeople } from './linked-people.store.js';
import { ClientSecrets } from './providers/client-secrets.js';
import { IdentityProviders } from './providers/identity-providers.store.js';
import { OpenIdProviders } from './providers/openid-providers.js';
import { RefusedSignIns } from './refused-sign-ins.js';
import { SingleSignOn } from './single-sign-on.js';
import { SsoDeparture } from './sso-departure.js';
import { SsoSignIns } from './sso-sign-ins.store.js';
import { SsoCallback, SsoReturn, SsoStart } from './sso.controller.js';
import { WaysIn } from './ways-in.js';

/** Single sign-on, as the auth service is put together of it. */
export const sso = {
  pages: [SsoStart, SsoCallback, SsoReturn],
  handlers: [
    ListIdentityProviders,
    SaveIdentityProvider,
    DeleteIdentityProvider,
    TestIdentityProvider,
    GetSignInSettings,
    SetSignInSettings,
  ],
  services: [
    IdentityProviders,
    OpenIdProviders,
    ClientSecrets,
    GroupOverage,
    LinkedPeople,
    SsoSignIns,
    SingleSignOn,
    RefusedSignIns,
    SsoDeparture,
    WaysIn,
  ],
};
