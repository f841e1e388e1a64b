import { Handle } from '@gatehouse/bus';
import { listPeople } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Directory } from '../directory.store.js';

@Handle(listPeople)
export class ListPeople {
  constructor(private readonly directory: Directory) {}

  async handle({ tenant, email, suspended, ...paging }: z.output<typeof listPeople.request>) {
    return this.directory.people({ tenant, email, suspended, paging });
  }
}
