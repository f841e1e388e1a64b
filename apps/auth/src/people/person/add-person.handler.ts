import { Handle, seal } from '@gatehouse/bus';
import { addPerson } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Directory } from '../directory.store.js';
import { PasswordLinks } from '../password/password-links.store.js';
import { Roster } from '../roster.store.js';

@Handle(addPerson)
export class AddPerson {
  constructor(
    private readonly roster: Roster,
    private readonly links: PasswordLinks,
    private readonly directory: Directory,
  ) {}

  async handle({ by, recipient, ...person }: z.output<typeof addPerson.request>) {
    const token = PasswordLinks.newToken();
    // Sealed first: a link that cannot be handed over is not made.
    const sealed = await seal({ token }, recipient);
    const id = await this.roster.add(person, by);
    await this.links.add(token, { tenant: person.tenant, id }, by);
    return { person: await this.directory.person({ tenant: person.tenant, id }), sealed };
  }
}
