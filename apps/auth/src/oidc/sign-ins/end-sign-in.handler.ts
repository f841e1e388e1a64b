import { Handle } from '@gatehouse/bus';
import { endSignIn } from '@gatehouse/contracts';
import type { z } from 'zod';
import { SignIns } from './sign-ins.store.js';

@Handle(endSignIn)
export class EndSignIn {
  constructor(private readonly signIns: SignIns) {}

  async handle({ tenant, person, id }: z.output<typeof endSignIn.request>) {
    await this.signIns.end({ tenant, id: person }, id);
    return {};
  }
}
