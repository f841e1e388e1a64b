import { Handle } from '@gatehouse/bus';
import { showServiceAccount } from '@gatehouse/contracts';
import { shown } from './list-service-accounts.handler.js';
import { ServiceAccounts } from './service-accounts.store.js';

@Handle(showServiceAccount)
export class ShowServiceAccount {
  constructor(private readonly accounts: ServiceAccounts) {}

  async handle({ tenant, name }: { tenant: string; name: string }) {
    return shown(await this.accounts.show(tenant, name));
  }
}
