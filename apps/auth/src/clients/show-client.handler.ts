import { Handle } from '@gatehouse/bus';
import { showClient } from '@gatehouse/contracts';
import { TenantClients } from './tenant-clients.store.js';

@Handle(showClient)
export class ShowClient {
  constructor(private readonly clients: TenantClients) {}

  handle({ tenant, id }: { tenant: string; id: string }) {
    return this.clients.show(tenant, id);
  }
}
