import { Handle } from '@gatehouse/bus';
import { listServiceAccounts } from '@gatehouse/contracts';
import type { z } from 'zod';
import { ServiceAccounts, type ServiceAccount } from './service-accounts.store.js';

@Handle(listServiceAccounts)
export class ListServiceAccounts {
  constructor(private readonly accounts: ServiceAccounts) {}

  async handle({ tenant, limit, after }: z.output<typeof listServiceAccounts.request>) {
    const found = await this.accounts.list(tenant, limit, after);
    const items = found.slice(0, limit).map(shown);
    return { items, next: found.length > limit ? (items.at(-1)?.name ?? null) : null };
  }
}

/** What administrators are shown of an account. */
export function shown(account: ServiceAccount) {
  const { name, description, teams, roles, clients, suspended, created, lastUsed } = account;
  return {
    ...{ name, description, teams: [...teams], roles: [...roles], clients: [...clients], suspended },
    created: created.toISOString(),
    lastUsed: lastUsed?.toISOString() ?? null,
  };
}
