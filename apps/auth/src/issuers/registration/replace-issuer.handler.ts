import { Handle } from '@gatehouse/bus';
import { replaceIssuer } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Issuers } from '../issuers.store.js';

@Handle(replaceIssuer)
export class ReplaceIssuer {
  constructor(private readonly issuers: Issuers) {}

  async handle({ issuer, ...asked }: z.output<typeof replaceIssuer.request>) {
    await this.issuers.replace(asked, issuer);
    return issuer;
  }
}
