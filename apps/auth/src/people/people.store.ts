import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/persistence';
import type { EntityManager, FindOptionsWhere } from 'typeorm';
import { PersonRow, TeamMemberRow } from './people.entity.js';
import { passwordFits } from './passwords.js';

/** Somebody who may act: suspended people are found by nobody. */
export interface Person {
  readonly id: string;
  readonly tenant: string;
  readonly email: string;
  readonly name: string;
  readonly admin: boolean;
  readonly teams: readonly string[];
  /** Rises whenever the person loses access. */
  readonly generation: number;
}

@Injectable()
export class People {
  constructor(private readonly database: Database) {}

  /** An active person, or null. */
  find(id: string): Promise<Person | null> {
    return this.database.acrossTenants((manager) => findPerson(manager, { id }));
  }

  /**
   * The active people whom e-mail and password fit: one at most in a tenant. Without a tenant, all of them are
   * tried. Takes as long for an unknown e-mail as for a wrong password.
   */
  async signIn(credentials: { email: string; password: string; tenant?: string }): Promise<Person[]> {
    const { password, tenant } = credentials;
    const email = credentials.email.trim().toLowerCase();
    const rows = await this.database.acrossTenants((manager) =>
      manager.findBy(PersonRow, { email, suspended: false, ...(tenant === undefined ? {} : { tenant }) }),
    );
    if (rows.length === 0) await passwordFits(password, null);
    const people: Person[] = [];
    for (const row of rows) {
      const person = (await passwordFits(password, row.passwordHash)) ? await this.find(row.id) : null;
      if (person) people.push(person);
    }
    const [only, ...more] = people;
    if (only && more.length === 0) await this.noteSignIn(only);
    return people;
  }

  private async noteSignIn({ id, tenant }: Person): Promise<void> {
    await this.database.withTenant(tenant, (manager) =>
      manager.update(PersonRow, { id }, { lastSignIn: new Date() }),
    );
  }
}

/** An active person, or null; `where` should name one. */
export async function findPerson(
  manager: EntityManager,
  where: FindOptionsWhere<PersonRow>,
): Promise<Person | null> {
  const row = await manager.findOneBy(PersonRow, { ...where, suspended: false });
  return row && withTeams(manager, row);
}

async function withTeams(manager: EntityManager, row: PersonRow): Promise<Person> {
  const memberships = await manager.find(TeamMemberRow, {
    where: { person: row.id },
    order: { team: 'ASC' },
  });
  const { id, tenant, email, name, admin, generation } = row;
  // A team may be kept by several sources.
  const teams = [...new Set(memberships.map(({ team }) => team))];
  return { id, tenant, email, name, admin, teams, generation };
}
