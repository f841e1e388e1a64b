import { Handle } from '@gatehouse/bus';
import { changePerson } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Directory } from '../directory.store.js';
import { Roster } from '../roster.store.js';

@Handle(changePerson)
export class ChangePerson {
  constructor(
    private readonly roster: Roster,
    private readonly directory: Directory,
  ) {}

  async handle({ tenant, person, by, ...changes }: z.output<typeof changePerson.request>) {
    await this.roster.update({ tenant, id: person }, changes, by);
    return this.directory.person({ tenant, id: person });
  }
}
