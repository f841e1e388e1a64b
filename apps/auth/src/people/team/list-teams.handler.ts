import { Handle } from '@gatehouse/bus';
import { listTeams } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Directory } from '../directory.store.js';

@Handle(listTeams)
export class ListTeams {
  constructor(private readonly directory: Directory) {}

  async handle({ tenant, ...paging }: z.output<typeof listTeams.request>) {
    return this.directory.teams(tenant, paging);
  }
}
