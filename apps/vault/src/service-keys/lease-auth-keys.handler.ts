import { Handle, seal } from '@gatehouse/bus';
import { leaseAuthKeys } from '@gatehouse/contracts';
import { ServiceKeys } from './service-keys.js';

@Handle(leaseAuthKeys)
export class LeaseAuthKeys {
  constructor(private readonly serviceKeys: ServiceKeys) {}

  async handle({ recipient }: { recipient: unknown }): Promise<{ sealed: string }> {
    return { sealed: await seal(await this.serviceKeys.authKeys(), recipient) };
  }
}
