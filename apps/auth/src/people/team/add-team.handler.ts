import { Handle } from '@gatehouse/bus';
import { addTeam } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Directory } from '../directory.store.js';
import { Teams } from './teams.store.js';

@Handle(addTeam)
export class AddTeam {
  constructor(
    private readonly teams: Teams,
    private readonly directory: Directory,
  ) {}

  async handle({ tenant, name, by }: z.output<typeof addTeam.request>) {
    const id = await this.teams.add({ tenant, name }, { by });
    return this.directory.team({ tenant, id });
  }
}
