import { Handle } from '@gatehouse/bus';
import { revokeTokens } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Roster } from '../roster.store.js';

@Handle(revokeTokens)
export class RevokeTokens {
  constructor(private readonly roster: Roster) {}

  async handle({ tenant, person, by }: z.output<typeof revokeTokens.request>) {
    await this.roster.revokeTokens({ tenant, id: person }, by);
    return {};
  }
}
