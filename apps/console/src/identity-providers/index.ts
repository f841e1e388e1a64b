import { CreateIdentityProvider } from './create-identity-provider.endpoint.js';
import { DeleteIdentityProvider } from './delete-identity-provider.endpoint.js';
import { ListIdentityProviders } from './list-identity-providers.endpoint.js';
import { ReplaceIdentityProvider } from './replace-identity-provider.endpoint.js';
import { ShowIdentityProvider } from './show-identity-provider.endpoint.js';
import { ChangeSignInSettings, ShowSignInSettings } from './sign-in-settings.endpoints.js';
import { TestIdentityProvider } from './test-identity-provider.endpoint.js';

export const identityProviders = [
  ListIdentityProviders,
  CreateIdentityProvider,
  ShowIdentityProvider,
  ReplaceIdentityProvider,
  DeleteIdentityProvider,
  TestIdentityProvider,
  ShowSignInSettings,
  ChangeSignInSettings,
];
