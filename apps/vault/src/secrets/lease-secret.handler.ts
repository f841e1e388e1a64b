import { Handle, seal } from '@gatehouse/bus';
import { Failure, leaseSecret, type SecretLease } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Secrets } from './secrets.js';

@Handle(leaseSecret)
export class LeaseSecret {
  constructor(private readonly secrets: Secrets) {}

  async handle({ recipient, ...place }: z.output<typeof leaseSecret.request>): Promise<{ sealed: string }> {
    const value = await this.secrets.find(place);
    if (value === null) throw new Failure('vault.secret_missing');
    const lease: z.output<typeof SecretLease> = { value };
    return { sealed: await seal(lease, recipient) };
  }
}
