import { Handle } from '@gatehouse/bus';
import { changeClient } from '@gatehouse/contracts';
import type { z } from 'zod';
import { TenantClients } from './tenant-clients.store.js';

@Handle(changeClient)
export class ChangeClient {
  constructor(private readonly clients: TenantClients) {}

  handle({ changes, ...who }: z.output<typeof changeClient.request>) {
    return this.clients.change(who, changes);
  }
}
