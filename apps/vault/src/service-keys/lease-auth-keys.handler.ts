import { Handle, seal } from '@gatehouse/bus';
import { leaseAuthKeys } from '@gatehouse/contracts';
import { RotatingAuthKeys } from './rotating-auth-keys.js';

@Handle(leaseAuthKeys)
export class LeaseAuthKeys {
  constructor(private readonly authKeys: RotatingAuthKeys) {}

  async handle({ recipient }: { recipient: unknown }): Promise<{ sealed: string }> {
    return { sealed: await seal(await this.authKeys.lease(), recipient) };
  }
}
