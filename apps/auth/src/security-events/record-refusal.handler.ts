import { Handle } from '@gatehouse/bus';
import { recordRefusal } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { z } from 'zod';
import { SecurityEvents } from './security-events.store.js';

@Handle(recordRefusal)
export class RecordRefusal {
  constructor(
    private readonly database: Database,
    private readonly events: SecurityEvents,
  ) {}

  async handle({ tenant, subject, method, path }: z.output<typeof recordRefusal.request>) {
    await this.database.withTenant(tenant, (manager) =>
      this.events.record(manager, { tenant, kind: 'admin_api.refused', subject, detail: { method, path } }),
    );
    return {};
  }
}
