import { ChangeUser } from './change-user.endpoint.js';
import { CreatePasswordLink } from './create-password-link.endpoint.js';
import { InviteUser } from './invite-user.endpoint.js';
import { ListUserTokens } from './list-user-tokens.endpoint.js';
import { ListUsers } from './list-users.endpoint.js';
import { RemoveUser } from './remove-user.endpoint.js';
import { RevokeUserTokens } from './revoke-user-tokens.endpoint.js';
import { ShowUser } from './show-user.endpoint.js';
import { SignOutUser } from './sign-out-user.endpoint.js';

export const users = [
  ChangeUser,
  CreatePasswordLink,
  InviteUser,
  ListUserTokens,
  ListUsers,
  RemoveUser,
  RevokeUserTokens,
  ShowUser,
  SignOutUser,
];
