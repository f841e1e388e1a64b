import { Handle } from '@gatehouse/bus';
import { listSignIns } from '@gatehouse/contracts';
import type { z } from 'zod';
import { SignIns } from './sign-ins.store.js';

@Handle(listSignIns)
export class ListSignIns {
  constructor(private readonly signIns: SignIns) {}

  async handle({ tenant, person }: z.output<typeof listSignIns.request>) {
    return { items: await this.signIns.list({ tenant, id: person }) };
  }
}
