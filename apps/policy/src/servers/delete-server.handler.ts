import { Handle } from '@gatehouse/bus';
import { deleteServer } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Catalogue } from '../catalogue/catalogue.js';

@Handle(deleteServer)
export class DeleteServer {
  constructor(private readonly catalogue: Catalogue) {}

  async handle({ tenant, name }: z.output<typeof deleteServer.request>): Promise<Record<string, never>> {
    await this.catalogue.remove(tenant, name);
    return {};
  }
}
