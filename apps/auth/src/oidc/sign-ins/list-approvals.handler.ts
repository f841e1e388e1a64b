import { Handle } from '@gatehouse/bus';
import { listApprovals } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Approvals } from '../approvals.store.js';

@Handle(listApprovals)
export class ListApprovals {
  constructor(private readonly approvals: Approvals) {}

  async handle({ tenant, person }: z.output<typeof listApprovals.request>) {
    return { items: await this.approvals.list({ tenant, id: person }) };
  }
}
