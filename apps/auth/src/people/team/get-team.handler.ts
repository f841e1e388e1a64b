import { Handle } from '@gatehouse/bus';
import { getTeam } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Directory } from '../directory.store.js';

@Handle(getTeam)
export class GetTeam {
  constructor(private readonly directory: Directory) {}

  async handle({ tenant, team }: z.output<typeof getTeam.request>) {
    return this.directory.team({ tenant, id: team });
  }
}
