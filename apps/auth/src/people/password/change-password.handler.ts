import { Handle, TransportKey } from '@gatehouse/bus';
import { changePassword, Failure, NewPassword } from '@gatehouse/contracts';
import type { z } from 'zod';
import { Attempts } from '../attempts.js';
import { hashPassword, passwordFits } from '../passwords.js';
import { Roster } from '../roster.store.js';

@Handle(changePassword)
export class ChangePassword {
  constructor(
    private readonly key: TransportKey,
    private readonly attempts: Attempts,
    private readonly roster: Roster,
  ) {}

  async handle({ tenant, person, sealed }: z.output<typeof changePassword.request>) {
    const { current, next } = await this.key.open(sealed, NewPassword);
    // Whoever holds a stolen token must not find the password out. Counted for the person, wherever they are.
    const wait = await this.attempts.signIn(person, person);
    if (wait > 0) throw new Failure('limit.exceeded', `Too many wrong passwords. Try again in ${wait} s.`);
    const hash = await hashPassword(next);
    await this.roster.setPassword({ tenant, id: person }, hash, async (_manager, row) => {
      if (!(await passwordFits(current, row.passwordHash))) throw new Failure('auth.wrong_password');
    });
    await this.attempts.signedIn(person, person);
    return {};
  }
}
