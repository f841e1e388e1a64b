import { Handle } from '@gatehouse/bus';
import { changeTeam } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Directory } from '../directory.store.js';
import { Teams } from './teams.store.js';

@Handle(changeTeam)
export class ChangeTeam {
  constructor(
    private readonly teams: Teams,
    private readonly directory: Directory,
  ) {}

  async handle({ tenant, team, by, ...members }: z.output<typeof changeTeam.request>) {
    await this.teams.change({ tenant, id: team }, { members }, { source: 'local', by });
    return this.directory.team({ tenant, id: team });
  }
}
