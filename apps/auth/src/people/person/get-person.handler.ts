import { Handle } from '@gatehouse/bus';
import { getPerson } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Directory } from '../directory.store.js';

@Handle(getPerson)
export class GetPerson {
  constructor(private readonly directory: Directory) {}

  async handle({ tenant, person }: z.output<typeof getPerson.request>) {
    return this.directory.person({ tenant, id: person });
  }
}
