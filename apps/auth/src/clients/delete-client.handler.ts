import { Handle } from '@gatehouse/bus';
import { deleteClient } from '@gatehouse/contracts';
import { TenantClients, type ClientOf } from './tenant-clients.store.js';

@Handle(deleteClient)
export class DeleteClient {
  constructor(private readonly clients: TenantClients) {}

  async handle(who: ClientOf) {
    await this.clients.delete(who);
    return {};
  }
}
