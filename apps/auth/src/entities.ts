import { BlockedClientRow, ClientRow } from './clients/clients.entity.js';
import {
  ServiceAccountClientRow,
  ServiceAccountRow,
  ServiceAccountTeamRow,
  ServiceAccountTokenRow,
} from './machines/machines.entity.js';
import { IssuerRow, UsedAssertionRow } from './issuers/issuers.entity.js';
import { ApprovalRow, OidcStateRow } from './oidc/oidc.entity.js';
import {
  PasswordLinkRow,
  PersonRow,
  SetupLinkRow,
  TeamMemberRow,
  TeamRow,
  TenantRow,
} from './people/people.entity.js';
import { SecurityEventRow } from './security-events/security-event.entity.js';
import { IdentityProviderRow, PersonIdentityRow, SignInSettingRow, SsoSignInRow } from './sso/sso.entity.js';
import { EndedAccessRow, PersonalAccessTokenRow } from './tokens/tokens.entity.js';

/** Every table of this service. */
export const entities = [
  TenantRow,
  PersonRow,
  TeamRow,
  TeamMemberRow,
  SetupLinkRow,
  PasswordLinkRow,
  PersonalAccessTokenRow,
  EndedAccessRow,
  ApprovalRow,
  OidcStateRow,
  SecurityEventRow,
  ClientRow,
  BlockedClientRow,
  IdentityProviderRow,
  PersonIdentityRow,
  SsoSignInRow,
  SignInSettingRow,
  ServiceAccountClientRow,
  ServiceAccountRow,
  ServiceAccountTeamRow,
  ServiceAccountTokenRow,
  IssuerRow,
  UsedAssertionRow,
];
