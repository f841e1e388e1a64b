import { ChangeServiceAccount } from './change-service-account.handler.js';
import { CreateServiceAccountToken } from './create-service-account-token.handler.js';
import { CreateServiceAccount } from './create-service-account.handler.js';
import { DeleteServiceAccount } from './delete-service-account.handler.js';
import { ListServiceAccountTokens } from './list-service-account-tokens.handler.js';
import { ListServiceAccounts } from './list-service-accounts.handler.js';
import { RevokeServiceAccountToken } from './revoke-service-account-token.handler.js';
import { RotateServiceAccountToken } from './rotate-service-account-token.handler.js';
import { ServiceAccountTokens } from './service-account-tokens.store.js';
import { ServiceAccounts } from './service-accounts.store.js';
import { ShowServiceAccount } from './show-service-account.handler.js';

/** Service accounts and their tokens, as the module of this service lists them. */
export const machines = {
  handlers: [
    CreateServiceAccount,
    ListServiceAccounts,
    ShowServiceAccount,
    ChangeServiceAccount,
    DeleteServiceAccount,
    CreateServiceAccountToken,
    ListServiceAccountTokens,
    RotateServiceAccountToken,
    RevokeServiceAccountToken,
  ],
  stores: [ServiceAccounts, ServiceAccountTokens],
};
