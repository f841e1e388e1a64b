import { Handle } from '@gatehouse/bus';
import { showIssuer } from '@gatehouse/contracts';
import { Issuers } from '../issuers.store.js';

@Handle(showIssuer)
export class ShowIssuer {
  constructor(private readonly issuers: Issuers) {}

  handle({ tenant, name }: { tenant: string; name: string }) {
    return this.issuers.show(tenant, name);
  }
}
