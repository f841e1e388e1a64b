import { Handle } from '@gatehouse/bus';
import { createIssuer } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Issuers } from '../issuers.store.js';

@Handle(createIssuer)
export class CreateIssuer {
  constructor(private readonly issuers: Issuers) {}

  async handle({ issuer, ...asked }: z.output<typeof createIssuer.request>) {
    await this.issuers.add(asked, issuer);
    return issuer;
  }
}
