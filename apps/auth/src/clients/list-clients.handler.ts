import { Handle } from '@gatehouse/bus';
import { listClients } from '@gatehouse/contracts';
import { TenantClients } from './tenant-clients.store.js';

@Handle(listClients)
export class ListClients {
  constructor(private readonly clients: TenantClients) {}

  async handle({ limit, ...page }: { tenant: string; limit: number; after: string | null }) {
    const found = await this.clients.list({ ...page, limit: limit + 1 });
    const items = found.slice(0, limit);
    return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
  }
}
