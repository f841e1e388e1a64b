import { Handle } from '@gatehouse/bus';
import { deleteIssuer } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Issuers } from '../issuers.store.js';

@Handle(deleteIssuer)
export class DeleteIssuer {
  constructor(private readonly issuers: Issuers) {}

  async handle({ name, ...asked }: z.output<typeof deleteIssuer.request>) {
    await this.issuers.remove(asked, name);
    return {};
  }
}
