import { ChangeServiceAccount } from './change-service-account.endpoint.js';
import { CreateServiceAccountToken } from './create-service-account-token.endpoint.js';
import { CreateServiceAccount } from './create-service-account.endpoint.js';
import { DeleteServiceAccount } from './delete-service-account.endpoint.js';
import { ListServiceAccountTokens } from './list-service-account-tokens.endpoint.js';
import { ListServiceAccounts } from './list-service-accounts.endpoint.js';
import {
  RevokeServiceAccountToken,
  RevokeServiceAccountTokens,
} from './revoke-service-account-token.endpoint.js';
import { RotateServiceAccountToken } from './rotate-service-account-token.endpoint.js';
import { ShowServiceAccount } from './show-service-account.endpoint.js';

export const SERVICE_ACCOUNTS = [
  CreateServiceAccount,
  ListServiceAccounts,
  ShowServiceAccount,
  ChangeServiceAccount,
  DeleteServiceAccount,
  CreateServiceAccountToken,
  ListServiceAccountTokens,
  RotateServiceAccountToken,
  RevokeServiceAccountToken,
  RevokeServiceAccountTokens,
];
