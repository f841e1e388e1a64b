import { Handle } from '@gatehouse/bus';
import { listIssuers } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Issuers } from '../issuers.store.js';

@Handle(listIssuers)
export class ListIssuers {
  constructor(private readonly issuers: Issuers) {}

  async handle({ tenant, limit, after }: z.output<typeof listIssuers.request>) {
    const found = await this.issuers.list(tenant, limit, after);
    const items = found.slice(0, limit);
    return { items, next: found.length > limit ? (items.at(-1)?.name ?? null) : null };
  }
}
