import { Handle, seal } from '@gatehouse/bus';
import { createPasswordLink } from '@gatehouse/contracts';
import type { z } from 'zod';
import { PasswordLinks } from './password-links.store.js';

@Handle(createPasswordLink)
export class CreatePasswordLink {
  constructor(private readonly links: PasswordLinks) {}

  async handle({ tenant, person, by, recipient }: z.output<typeof createPasswordLink.request>) {
    const token = PasswordLinks.newToken();
    // Sealed first: a link that cannot be handed over is not made.
    const sealed = await seal({ token }, recipient);
    await this.links.add(token, { tenant, id: person }, by);
    return { sealed };
  }
}
