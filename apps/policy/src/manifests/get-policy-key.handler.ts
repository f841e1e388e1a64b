import { Handle, TransportKey } from '@gatehouse/bus';
import { getPolicyKey } from '@gatehouse/contracts';
import type { z } from 'zod';

@Handle(getPolicyKey)
export class GetPolicyKey {
  constructor(private readonly key: TransportKey) {}

  handle(): z.input<typeof getPolicyKey.reply> {
    return { key: this.key.publicJwk };
  }
}
