import { Handle } from '@gatehouse/bus';
import { createServiceAccount } from '@gatehouse/contracts';
import type { z } from 'zod';
import { shown } from './list-service-accounts.handler.js';
import { ServiceAccounts } from './service-accounts.store.js';

@Handle(createServiceAccount)
export class CreateServiceAccount {
  constructor(private readonly accounts: ServiceAccounts) {}

  async handle({ settings, ...named }: z.output<typeof createServiceAccount.request>) {
    return shown(await this.accounts.add(named, settings));
  }
}
