import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Failure } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { EntityManager } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { SecurityEvents } from '../security-events/security-events.store.js';
import { EndedAccess } from '../tokens/ended-access.store.js';
import { keepAnAdministrator } from './administrators.store.js';
import { endAccess, LOSSES, type Loss } from './ended-rights.store.js';
import { PersonRow, TeamMemberRow, TeamRow } from './people.entity.js';
import { unlessTaken } from './unless-taken.js';

/** Who keeps a person's membership of a team: an administrator, SCIM, or an identity provider at each sign-in. */
export type MembershipSource = 'local' | 'scim' | `idp:${string}`;

export interface PersonId {
  readonly tenant: string;
  readonly id: string;
}

export interface NewPerson {
  readonly tenant: string;
  readonly email: string;
  readonly name: string;
  readonly admin?: boolean;
  readonly suspended?: boolean;
  readonly externalId?: string | null;
  readonly scim?: object | null;
}

/** What may be changed of a person; what is left out stays. */
export type PersonChanges = Partial<
  Pick<PersonRow, 'email' | 'name' | 'admin' | 'suspended' | 'externalId' | 'scim'>
>;

/** One thing that a change comes to: a security event, and what is lost by it. */
interface Step {
  readonly kind: string;
  readonly loss?: Loss;
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
   * @param by who asked for it, for the security event
   * @param also part of the same transaction
   * @throws Failure `auth.person_exists` if the tenant has somebody with that e-mail or id, suspended or not
   */
  async add(
    person: NewPerson,
    by?: string,
    also?: (manager: EntityManager, id: string) => Promise<void>,
  ): Promise<string> {
    const id = randomUUID();
    const email = person.email.trim().toLowerCase();
    const row = { id, admin: false, passwordHash: null, suspended: false, ...person, email };
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
      await this.events.record(manager, {
        ...{ tenant: person.tenant, kind: 'person.added', subject: id },
        detail: { by, admin: row.admin },
      });
      await also?.(manager, id);
    });
    return id;
  }

  /**
   * Changes a person. Whoever is suspended can sign in nowhere, and what they hold ends; when they are restored, what
   * had ended stays so. A new e-mail address or the loss of the administrator's rights ends access tokens.
   *
   * @param changes may be read from the person as they are, locked
   * @throws Failure `auth.unknown_person`, `auth.last_admin`; `auth.person_exists` if e-mail or id is another's
   */
  async update(
    who: PersonId,
    changes: PersonChanges | ((row: PersonRow) => Promise<PersonChanges>),
    by?: string,
  ): Promise<void> {
    await this.change(who, by, async (manager, row) => {
      const wanted = typeof changes === 'function' ? await changes(row) : changes;
      if (row.admin && (wanted.admin === false || wanted.suspended === true))
        await keepAnAdministrator(manager, who);
      if (Object.keys(wanted).length > 0)
        await unlessTaken('auth.person_exists', () => manager.update(PersonRow, who, wanted));
      return stepsOf(row, wanted);
    });
  }

  suspend(who: PersonId, by?: string): Promise<void> {
    return this.update(who, { suspended: true }, by);
  }

  restore(who: PersonId, by?: string): Promise<void> {
    return this.update(who, { suspended: false }, by);
  }

  /**
   * Removes a person with everything that they hold. Records of their calls keep their name.
   *
   * @throws Failure `auth.unknown_person`, `auth.last_admin`
   */
  async remove(who: PersonId, by?: string): Promise<void> {
    await this.change(who, by, async (manager, row) => {
      if (row.admin) await keepAnAdministrator(manager, who);
      await manager.delete(PersonRow, who);
      return [{ kind: 'person.removed', loss: 'everything' }];
    });
  }

  /** Ends a person's browser sessions and the sign-ins of their clients; `tokens`: personal access tokens too. */
  async signOut(who: PersonId, { tokens }: { tokens: boolean }, by?: string): Promise<void> {
    const step: Step = { kind: 'person.signed_out', loss: tokens ? 'everything' : 'sign-ins' };
    await this.change(who, by, () => Promise.resolve([step]));
  }

  /** Ends all personal access tokens of a person. */
  async revokeTokens(who: PersonId, by?: string): Promise<void> {
    await this.change(who, by, () => Promise.resolve([{ kind: 'tokens.revoked', loss: 'tokens' }]));
  }

  /**
   * Sets a password, by which every sign-in made with another one ends.
   *
   * @param allow says, in the same transaction, whether it may be done
   * @throws Failure `auth.unknown_person`, or what `allow` throws
   */
  async setPassword(
    who: PersonId,
    passwordHash: string,
    allow: (manager: EntityManager, row: PersonRow) => Promise<void>,
  ): Promise<void> {
    await this.change(who, undefined, async (manager, row) => {
      await allow(manager, row);
      await manager.update(PersonRow, who, { passwordHash });
      return [{ kind: 'password.changed', loss: 'sign-ins' }];
    });
  }

  /** Replaces the memberships that one source keeps; teams that are new are made. Others' memberships stay. */
  async setTeams(who: PersonId, source: MembershipSource, teams: readonly string[]): Promise<void> {
    await this.change(who, source, async (manager) => {
      const before = await teamsOf(manager, who);
      await manager.delete(TeamMemberRow, { tenant: who.tenant, person: who.id, source });
      for (const team of new Set(teams)) {
        // A team that is there stays unlocked: whoever changes its members has locked it, and waits for this person.
        await manager
          .createQueryBuilder()
          .insert()
          .into(TeamRow)
          .values({ tenant: who.tenant, name: team })
          .orIgnore()
          .execute();
        await manager.insert(TeamMemberRow, { tenant: who.tenant, team, person: who.id, source });
      }
      const after = await teamsOf(manager, who);
      if (before.size === after.size && [...before].every((team) => after.has(team))) return [];
      const lost = [...before].some((team) => !after.has(team));
      return [{ kind: 'person.teams_changed', ...(lost ? { loss: 'rights' } : {}) }];
    });
  }

  /** One change of one person. @param work does it, and says what it came to: nothing, if the list is empty */
  private async change(
    who: PersonId,
    by: string | undefined,
    work: (manager: EntityManager, row: PersonRow) => Promise<Step[]>,
  ): Promise<void> {
    const ended = await this.database.withTenant(who.tenant, async (manager) => {
      // Locked: two changes at once would both raise the generation to the same number.
      const row = isUuid(who.id)
        ? await manager.findOne(PersonRow, { where: who, lock: { mode: 'pessimistic_write' } })
        : null;
      if (!row) throw new Failure('auth.unknown_person');
      const steps = await work(manager, row);
      const { tenant, id: subject } = who;
      const events = steps.map(({ kind }) => ({ tenant, kind, subject, detail: { by } }));
      await this.events.record(manager, ...events);
      const loss = steps.map((step) => step.loss).reduce(greater, undefined);
      return loss ? endAccess(manager, this.endedAccess, { people: [row], loss }) : [];
    });
    this.endedAccess.tell(...ended);
  }
}

function stepsOf(row: PersonRow, to: PersonChanges): Step[] {
  const steps: Step[] = [];
  if (to.name !== undefined && to.name !== row.name) steps.push({ kind: 'person.renamed' });
  if (to.email !== undefined && to.email !== row.email)
    steps.push({ kind: 'person.email_changed', loss: 'rights' });
  if (to.admin === true && !row.admin) steps.push({ kind: 'administrator.added' });
  if (to.admin === false && row.admin) steps.push({ kind: 'administrator.removed', loss: 'rights' });
  if (to.suspended === true && !row.suspended) steps.push({ kind: 'person.suspended', loss: 'everything' });
  if (to.suspended === false && row.suspended) steps.push({ kind: 'person.restored' });
  return steps;
}

function greater(one: Loss | undefined, other: Loss | undefined): Loss | undefined {
  const rank = (loss: Loss | undefined) => (loss ? LOSSES.indexOf(loss) : -1);
  return rank(one) > rank(other) ? one : other;
}

async function teamsOf(manager: EntityManager, { tenant, id }: PersonId): Promise<Set<string>> {
  const rows = await manager.findBy(TeamMemberRow, { tenant, person: id });
  return new Set(rows.map(({ team }) => team));
}
