import { Handle } from '@gatehouse/bus';
import { removeTeam } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Teams } from './teams.store.js';

@Handle(removeTeam)
export class RemoveTeam {
  constructor(private readonly teams: Teams) {}

  async handle({ tenant, team, by }: z.output<typeof removeTeam.request>) {
    await this.teams.remove({ tenant, id: team }, { by });
    return {};
  }
}
