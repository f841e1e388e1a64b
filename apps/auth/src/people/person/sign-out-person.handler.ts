import { Handle } from '@gatehouse/bus';
import { signOutPerson } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Roster } from '../roster.store.js';

@Handle(signOutPerson)
export class SignOutPerson {
  constructor(private readonly roster: Roster) {}

  async handle({ tenant, person, tokens, by }: z.output<typeof signOutPerson.request>) {
    await this.roster.signOut({ tenant, id: person }, { tokens }, by);
    return {};
  }
}
