import { Handle } from '@gatehouse/bus';
import { listTokens } from '@gatehouse/contracts';
import { PersonalAccessTokens } from './personal-access-token.store.js';
import type { PersonalAccessTokenRow } from './tokens.entity.js';

@Handle(listTokens)
export class ListTokens {
  constructor(private readonly tokens: PersonalAccessTokens) {}

  async handle(owner: { tenant: string; person: string }) {
    return { items: (await this.tokens.list(owner)).map(shown) };
  }
}

/** What its owner is shown of a token: never the value, which is not kept. */
export function shown({ id, name, created, expires, lastUsed }: PersonalAccessTokenRow) {
  return {
    id,
    name,
    created: created.toISOString(),
    expires: expires?.toISOString() ?? null,
    lastUsed: lastUsed?.toISOString() ?? null,
  };
}
