import { Handle } from '@gatehouse/bus';
import { changeServiceAccount } from '@gatehouse/contracts';
import type { z } from 'zod';
import { shown } from './list-service-accounts.handler.js';
import { ServiceAccounts } from './service-accounts.store.js';

@Handle(changeServiceAccount)
export class ChangeServiceAccount {
  constructor(private readonly accounts: ServiceAccounts) {}

  async handle({ changes, ...named }: z.output<typeof changeServiceAccount.request>) {
    return shown(await this.accounts.change(named, changes));
  }
}
