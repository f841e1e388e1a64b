import { Handle } from '@gatehouse/bus';
import { listTeamMembers } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Directory } from '../directory.store.js';

@Handle(listTeamMembers)
export class ListTeamMembers {
  constructor(private readonly directory: Directory) {}

  async handle({ tenant, team, ...paging }: z.output<typeof listTeamMembers.request>) {
    return this.directory.members({ tenant, id: team }, paging);
  }
}
