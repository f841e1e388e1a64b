import { Handle } from '@gatehouse/bus';
import { revokeToken } from '@gatehouse/contracts';
import { PersonalAccessTokens } from './personal-access-token.store.js';

@Handle(revokeToken)
export class RevokeToken {
  constructor(private readonly tokens: PersonalAccessTokens) {}

  async handle(token: { tenant: string; person: string; id: string }) {
    await this.tokens.revoke(token);
    return {};
  }
}
