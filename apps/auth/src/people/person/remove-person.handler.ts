import { Handle } from '@gatehouse/bus';
import { removePerson } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Roster } from '../roster.store.js';

@Handle(removePerson)
export class RemovePerson {
  constructor(private readonly roster: Roster) {}

  async handle({ tenant, person, by }: z.output<typeof removePerson.request>) {
    await this.roster.remove({ tenant, id: person }, by);
    return {};
  }
}
