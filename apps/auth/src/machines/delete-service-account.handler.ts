import { Handle } from '@gatehouse/bus';
import { deleteServiceAccount } from '@gatehouse/contracts';
import { ServiceAccounts, type Named } from './service-accounts.store.js';

@Handle(deleteServiceAccount)
export class DeleteServiceAccount {
  constructor(private readonly accounts: ServiceAccounts) {}

  async handle(named: Named) {
    await this.accounts.remove(named);
    return {};
  }
}
