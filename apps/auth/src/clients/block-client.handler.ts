import { Handle } from '@gatehouse/bus';
import { blockClient } from '@gatehouse/contracts';
import { TenantClients, type ClientOf } from './tenant-clients.store.js';

@Handle(blockClient)
export class BlockClient {
  constructor(private readonly clients: TenantClients) {}

  handle({ blocked, ...who }: ClientOf & { blocked: boolean }) {
    return this.clients.block(who, blocked);
  }
}
