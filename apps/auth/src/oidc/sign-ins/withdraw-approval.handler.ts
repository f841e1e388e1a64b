import { Handle } from '@gatehouse/bus';
import { withdrawApproval } from '@gatehouse/contracts';
import type { z } from 'zod';
import { SignIns } from './sign-ins.store.js';

@Handle(withdrawApproval)
export class WithdrawApproval {
  constructor(private readonly signIns: SignIns) {}

  async handle({ tenant, person, id }: z.output<typeof withdrawApproval.request>) {
    await this.signIns.withdrawApproval({ tenant, id: person }, id);
    return {};
  }
}
