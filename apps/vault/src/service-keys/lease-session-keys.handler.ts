import { Handle, seal } from '@gatehouse/bus';
import { leaseSessionKeys } from '@gatehouse/contracts';
import { SESSION_KEYS } from './key-kinds.js';
import { ServiceKeys } from './service-keys.js';

@Handle(leaseSessionKeys)
export class LeaseSessionKeys {
  constructor(private readonly serviceKeys: ServiceKeys) {}

  async handle({ recipient }: { recipient: unknown }): Promise<{ sealed: string }> {
    return { sealed: await seal(await this.serviceKeys.get(SESSION_KEYS), recipient) };
  }
}
