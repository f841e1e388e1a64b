import { Handle } from '@gatehouse/bus';
import { listServiceAccountTokens } from '@gatehouse/contracts';
import type { ServiceAccountTokenRow } from './machines.entity.js';
import { ServiceAccountTokens } from './service-account-tokens.store.js';

@Handle(listServiceAccountTokens)
export class ListServiceAccountTokens {
  constructor(private readonly tokens: ServiceAccountTokens) {}

  async handle({ tenant, name }: { tenant: string; name: string }) {
    return { items: (await this.tokens.list(tenant, name)).map(shownToken) };
  }
}

/** What administrators are shown of a token: never the value, which is not kept. */
export function shownToken({ id, name, created, expires, lastUsed }: ServiceAccountTokenRow) {
  return {
    ...{ id, name },
    created: created.toISOString(),
    expires: expires.toISOString(),
    lastUsed: lastUsed?.toISOString() ?? null,
  };
}
