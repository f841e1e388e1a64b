import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Failure, type AccessEnded } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { EntityManager } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { SecurityEvents } from '../security-events/security-events.store.js';
import { EndedAccess } from '../tokens/ended-access.store.js';
import { PersonRow, TeamMemberRow, TeamRow } from './people.entity.js';

/** Who keeps a person's membership of a team: an administrator, SCIM, or an identity provider at each sign-in. */
export type MembershipSource = 'local' | 'scim' | `idp:${string}`;

interface PersonId {
  readonly tenant: string;
  readonly id: string;
}

/** Makes and changes people. Whatever takes access away ends it on every edge, in the same transaction. */
@Injectable()
export class Roster {
  constructor(
    private readonly database: Database,
    private readonly endedAccess: EndedAccess,
    private readonly events: SecurityEvents,
  ) {}

  /**
   * Makes a person who has no password.
   *
   * @throws Failure `auth.person_exists` if the tenant has somebody with that e-mail, suspended or not
   */
  async add(person: { tenant: string; email: string; name: string }): Promise<string> {
    const id = randomUUID();
    const email = person.email.trim().toLowerCase();
    const row = { id, ...person, email, admin: false, passwordHash: null, suspended: false };
    await this.database.withTenant(person.tenant, async (manager) => {
      const inserted = await manager
        .createQueryBuilder()
        .insert()
        .into(PersonRow)
        .values(row)
        .orIgnore()
        .returning('id')
        .execute();
      if ((inserted.raw as unknown[]).length === 0) throw new Failure('auth.person_exists');
      await this.events.record(manager, { tenant: person.tenant, kind: 'person.added', subject: id });
    });
    return id;
  }

  /** Whoever is suspended can sign in nowhere, and what they hold ends. */
  async suspend(who: PersonId): Promise<void> {
    await this.change(who, 'person.suspended', async (manager) => {
      await manager.update(PersonRow, who, { suspended: true });
      return true;
    });
  }

  /** Lets a suspended person sign in again; what had ended stays so. */
  async restore(who: PersonId): Promise<void> {
    await this.change(who, 'person.restored', async (manager) => {
      await manager.update(PersonRow, who, { suspended: false });
      return false;
    });
  }

  /** Replaces the memberships that one source keeps; teams that are new are made. Others' memberships stay. */
  async setTeams(who: PersonId, source: MembershipSource, teams: readonly string[]): Promise<void> {
    await this.change(who, 'person.teams_changed', async (manager) => {
      const before = await teamsOf(manager, who);
      await manager.delete(TeamMemberRow, { tenant: who.tenant, person: who.id, source });
      for (const team of new Set(teams)) {
        await manager.upsert(TeamRow, { tenant: who.tenant, name: team }, ['tenant', 'name']);
        await manager.insert(TeamMemberRow, { tenant: who.tenant, team, person: who.id, source });
      }
      const after = await teamsOf(manager, who);
      if (before.size === after.size && [...before].every((team) => after.has(team))) return 'unchanged';
      return [...before].some((team) => !after.has(team));
    });
  }

  /**
   * One change of one person.
   *
   * @param work does it and says whether access was lost by it
   * @throws Failure `auth.unknown_person`
   */
  private async change(
    who: PersonId,
    kind: string,
    work: (manager: EntityManager, row: PersonRow) => Promise<boolean | 'unchanged'>,
  ): Promise<void> {
    const ended = await this.database.withTenant(who.tenant, async (manager) => {
      // Locked: two changes at once would both raise the generation to the same number.
      const row = isUuid(who.id)
        ? await manager.findOne(PersonRow, { where: who, lock: { mode: 'pessimistic_write' } })
        : null;
      if (!row) throw new Failure('auth.unknown_person');
      const lost = await work(manager, row);
      if (lost === 'unchanged') return null;
      await this.events.record(manager, { tenant: who.tenant, kind, subject: who.id });
      return lost ? this.end(manager, row) : null;
    });
    if (ended) this.endedAccess.tell(ended);
  }

  private async end(manager: EntityManager, { tenant, id, generation }: PersonRow): Promise<AccessEnded> {
    const next = generation + 1;
    await manager.update(PersonRow, { tenant, id }, { generation: next });
    const before = Math.floor(Date.now() / 1_000);
    const ended: AccessEnded = { tenant, kind: 'subject', id, before, generation: next };
    await this.endedAccess.record(manager, ended);
    return ended;
  }
}

async function teamsOf(manager: EntityManager, { tenant, id }: PersonId): Promise<Set<string>> {
  const rows = await manager.findBy(TeamMemberRow, { tenant, person: id });
  return new Set(rows.map(({ team }) => team));
}
