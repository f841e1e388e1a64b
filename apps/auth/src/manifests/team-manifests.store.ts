import { Injectable } from '@nestjs/common';
import { Failure, type TeamManifest } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { In } from 'typeorm';
import { PersonRow, TeamMemberRow, TeamRow } from '../people/people.entity.js';
import { Roster } from '../people/roster.store.js';
import { Teams } from '../people/team/teams.store.js';
import type { AccessKind, Judged, Scope } from './access-kind.js';

const source = 'local';

/** Teams as manifests describe them: the members whom administrators keep. */
@Injectable()
export class TeamManifests implements AccessKind<TeamManifest> {
  constructor(
    private readonly database: Database,
    private readonly roster: Roster,
    private readonly teams: Teams,
  ) {}

  async judge({ tenant }: Scope, { type, name, members }: TeamManifest): Promise<Judged> {
    const before = (await this.find(tenant, name)) && {
      ...{ type, name, members: await this.membersOf(tenant, name) },
    };
    return {
      change: { before, after: { type, name, members: [...members].sort() }, newSecret: false },
      fault: null,
    };
  }

  async apply({ tenant, by }: Scope, manifests: readonly TeamManifest[]): Promise<void> {
    for (const { name, members } of manifests) {
      for (const email of await this.unknown(tenant, members)) await this.add({ tenant, email }, by);
      const wanted = (await this.peopleOf(tenant, members)).map(({ id }) => id);
      const team = await this.find(tenant, name);
      if (!team) await this.teams.add({ tenant, name }, { by, source, members: wanted });
      else
        await this.teams.change(
          { tenant, id: team.id },
          (_, now) => {
            const add = wanted.filter((id) => !now.includes(id));
            const remove = now.filter((id) => !wanted.includes(id));
            return Promise.resolve({ members: { add, remove } });
          },
          { source, by },
        );
    }
  }

  /** Without a password: whoever it is comes by single sign-on, or by an invitation. */
  private async add(person: { tenant: string; email: string }, by: string): Promise<void> {
    await this.roster.add({ ...person, name: person.email }, by).catch((error: unknown) => {
      if (!(error instanceof Failure && error.code === 'auth.person_exists')) throw error;
    });
  }

  private find(tenant: string, name: string): Promise<TeamRow | null> {
    return this.database.withTenant(tenant, (manager) => manager.findOneBy(TeamRow, { tenant, name }));
  }

  private peopleOf(tenant: string, emails: readonly string[]): Promise<PersonRow[]> {
    return this.database.withTenant(tenant, (manager) =>
      manager.findBy(PersonRow, { tenant, email: In([...emails]) }),
    );
  }

  private async unknown(tenant: string, emails: readonly string[]): Promise<string[]> {
    const known = new Set((await this.peopleOf(tenant, emails)).map(({ email }) => email));
    return emails.filter((email) => !known.has(email));
  }

  private async membersOf(tenant: string, team: string): Promise<string[]> {
    return this.database.withTenant(tenant, async (manager) => {
      const members = await manager.findBy(TeamMemberRow, { tenant, team, source });
      const people = await manager.findBy(PersonRow, {
        tenant,
        id: In(members.map(({ person }) => person)),
      });
      return people.map(({ email }) => email).sort();
    });
  }
}
