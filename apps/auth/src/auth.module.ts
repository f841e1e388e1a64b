import { Module, type DynamicModule } from '@nestjs/common';
import { Bus, TransportKey } from '@gatehouse/bus';
import { Outbound } from '@gatehouse/outbound';
import { Database } from '@gatehouse/persistence';
import { Provider } from 'oidc-provider';
import { Clients } from './clients/clients.store.js';
import { TenantClients } from './clients/tenant-clients.store.js';
import { ClientDocuments } from './clients/documents/documents.js';
import { CLIENT_HANDLERS } from './clients/index.js';
import { RegistrationLimit } from './clients/registration-limit.js';
import type { Config } from './config.js';
import { Log } from './log.js';
import { MachineGrants } from './issuers/grants/machine-grants.js';
import { issuers } from './issuers/index.js';
import { machines } from './machines/index.js';
import { manifests } from './manifests/index.js';
import { NewTokens } from './machines/new-tokens.js';
import { Approvals } from './oidc/approvals.store.js';
import { ExistingGrants } from './oidc/existing-grant.js';
import { createProvider } from './oidc/provider.js';
import { SessionAge } from './sso/session-age.js';
import { SigningKeys } from './oidc/keys/signing-keys.js';
import { OidcState } from './oidc/oidc-state.store.js';
import { Approval } from './pages/approval.controller.js';
import { InteractionStart } from './pages/interaction.controller.js';
import { Interactions } from './pages/interactions.js';
import { PasswordPage } from './pages/password.controller.js';
import { SetupPage } from './pages/setup.controller.js';
import { SignIn } from './pages/sign-in.controller.js';
import { AccessCheck } from './people/access.js';
import { Attempts } from './people/attempts.js';
import { people } from './people/index.js';
import { People } from './people/people.store.js';
import { Roster } from './people/roster.store.js';
import { Setup } from './people/setup.store.js';
import { scim } from './scim/index.js';
import { SecurityEvents } from './security-events/security-events.store.js';
import { sso } from './sso/index.js';
import { SignInSettings } from './sso/sign-in-settings.store.js';
import { AccessTokens } from './tokens/access-tokens.store.js';
import { CreateToken } from './tokens/create-token.handler.js';
import { EndedAccess } from './tokens/ended-access.store.js';
import { GetAuthKey } from './tokens/get-auth-key.handler.js';
import { IntrospectToken } from './tokens/introspect-token.handler.js';
import { ListEndedAccess } from './tokens/list-ended-access.handler.js';
import { ListKeys } from './tokens/list-keys.handler.js';
import { ListTokens } from './tokens/list-tokens.handler.js';
import { PersonalAccessTokens } from './tokens/personal-access-token.store.js';
import { RevokeToken } from './tokens/revoke-token.handler.js';

const pages = [InteractionStart, SignIn, ...sso.pages, Approval, SetupPage, PasswordPage];
const handlers = [
  ListKeys,
  GetAuthKey,
  IntrospectToken,
  CreateToken,
  ListTokens,
  RevokeToken,
  ListEndedAccess,
  ...people.handlers,
  ...sso.handlers,
  ...machines.handlers,
  ...issuers.handlers,
  ...manifests.handlers,
];
const services = [
  People,
  Roster,
  SecurityEvents,
  Setup,
  PersonalAccessTokens,
  EndedAccess,
  TenantClients,
  OidcState,
  Approvals,
  ExistingGrants,
  AccessCheck,
  Interactions,
  SessionAge,
  ...people.stores,
  ...scim.stores,
  ...sso.services,
  ...machines.stores,
  ...issuers.services,
  ...manifests.services,
];

export interface AuthParts {
  readonly config: Config;
  readonly bus: Bus;
  readonly database: Database;
  readonly keys: SigningKeys;
  readonly log: Log;
}

@Module({})
export class AuthModule {
  static with({ config, bus, database, keys, log }: AuthParts): DynamicModule {
    const outbound = new Outbound(config.GATEHOUSE_ALLOW_PRIVATE, { proxy: config.AUTH_OUTBOUND_PROXY });
    const { fetch } = outbound;
    const clients = new Clients(database, config.AUTH_UNUSED_CLIENTS);
    const limit = new RegistrationLimit(database, config.AUTH_REGISTRATIONS_PER_ADDRESS);
    const documents = new ClientDocuments({ clients, limit, fetch, log });
    const issuer = config.GATEHOUSE_PUBLIC_URL;
    return {
      module: AuthModule,
      controllers: [...pages, ...handlers, ...CLIENT_HANDLERS, ...scim.endpoints],
      providers: [
        ...services,
        { provide: Bus, useValue: bus },
        { provide: Database, useValue: database },
        { provide: SigningKeys, useValue: keys },
        { provide: Log, useValue: log },
        { provide: TransportKey, useFactory: () => TransportKey.from(keys.transport) },
        { provide: Outbound, useValue: outbound },
        { provide: Attempts, useValue: attemptsOf(config, database) },
        { provide: NewTokens, useValue: new NewTokens(config.AUTH_SERVICE_ACCOUNT_TOKEN_DAYS) },
        { provide: Clients, useValue: clients },
        { provide: RegistrationLimit, useValue: limit },
        {
          provide: SignInSettings,
          inject: [Database, SecurityEvents],
          useFactory: (db: Database, events: SecurityEvents) =>
            new SignInSettings(db, events, config.AUTH_LOCAL_ACCOUNTS === 'on'),
        },
        {
          provide: Provider,
          inject: [OidcState, People, ExistingGrants, EndedAccess, SessionAge, MachineGrants],
          useFactory: (...[state, people, grants, endedAccess, age, machineGrants]: ProviderNeeds) =>
            createProvider({
              issuer,
              accessTokenSeconds: config.AUTH_ACCESS_TOKEN_SECONDS,
              tokens: new AccessTokens({ database, endedAccess, keys, issuer }),
              ...{ keys, state, people, grants, age, machineGrants, clients, documents, fetch, log },
            }),
        },
      ],
    };
  }
}

type ProviderNeeds = [OidcState, People, ExistingGrants, EndedAccess, SessionAge, MachineGrants];

function attemptsOf(config: Config, database: Database): Attempts {
  return new Attempts(database, {
    perEmail: config.AUTH_SIGN_IN_ATTEMPTS,
    perAddress: config.AUTH_SIGN_IN_ATTEMPTS_PER_ADDRESS,
  });
}
