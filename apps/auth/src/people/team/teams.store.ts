import { Injectable } from '@nestjs/common';
import { Failure, MOST_MEMBERS_CHANGED, type AccessEnded } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { In, Not, type EntityManager } from 'typeorm';
import { validate as isUuid, v4 as uuid } from 'uuid';
import { SecurityEvents } from '../../security-events/security-events.store.js';
import { EndedAccess } from '../../tokens/ended-access.store.js';
import { ServiceAccountRow, ServiceAccountTeamRow } from '../../machines/machines.entity.js';
import { endAccess, type Holder } from '../ended-rights.store.js';
import { unlessTaken } from '../unless-taken.js';
import { PersonRow, TeamMemberRow, TeamRow } from '../people.entity.js';
import type { MembershipSource } from '../roster.store.js';

export interface TeamId {
  readonly tenant: string;
  readonly id: string;
}

/** What is to become of a team; what is left out stays. Members are ids of people, of one source. */
export interface TeamChanges {
  readonly name?: string;
  readonly externalId?: string | null;
  readonly members?: { readonly add: readonly string[]; readonly remove: readonly string[] };
}

interface TeamChange {
  readonly source: MembershipSource;
  /** Who asked for it, for the security events. */
  readonly by: string;
}

/** Makes and changes teams. Who loses a team by it loses the access tokens that name it, in the same transaction. */
@Injectable()
export class Teams {
  constructor(
    private readonly database: Database,
    private readonly endedAccess: EndedAccess,
    private readonly events: SecurityEvents,
  ) {}

  /**
   * Makes a team, with members of one source.
   *
   * @throws Failure `auth.team_exists`, `auth.unknown_person`, `api.invalid_request`
   */
  async add(
    team: { readonly tenant: string; readonly name: string; readonly externalId?: string | null },
    { by, source = 'local', members = [] }: Partial<TeamChange> & { by: string; members?: readonly string[] },
  ): Promise<string> {
    const { tenant, name } = team;
    const id = uuid();
    await this.database.withTenant(tenant, async (manager) => {
      await unlessTaken('auth.team_exists', () => manager.insert(TeamRow, { id, ...team }));
      await this.events.record(manager, { tenant, kind: 'team.added', detail: { by, team: name } });
      await this.changeMembers(manager, team, { add: members, remove: [], source, by });
    });
    return id;
  }

  /**
   * Changes a team and the members that one source keeps.
   *
   * @param changes may be read from the members of that source as they are, with the team locked
   * @throws Failure `auth.unknown_team`, `auth.team_exists`, `auth.unknown_person`, `api.invalid_request`
   */
  async change(
    which: TeamId,
    changes: TeamChanges | ((team: TeamRow, members: string[]) => Promise<TeamChanges>),
    change: TeamChange,
  ): Promise<void> {
    const ended = await this.database.withTenant(which.tenant, async (manager) => {
      const team = await lockTeam(manager, which);
      const wanted =
        typeof changes === 'function'
          ? await changes(team, await membersOf(manager, team, change.source))
          : changes;
      const { name = team.name, externalId = team.externalId, members } = wanted;
      const changed = members ? await this.changeMembers(manager, team, { ...change, ...members }) : [];
      // Under a new name the team is another one, to grants and in tokens.
      const renamed = name === team.name ? [] : await everybodyIn(manager, team);
      await this.rename(manager, team, { name, externalId, by: change.by });
      const losers = [
        ...new Map<string, Holder>([...changed, ...renamed].map((row) => [row.id, row])).values(),
      ];
      return endAccess(manager, this.endedAccess, { people: losers, loss: 'rights' });
    });
    this.endedAccess.tell(...ended);
  }

  /** Removes a team with its memberships, whoever keeps them. @throws Failure `auth.unknown_team` */
  async remove(which: TeamId, { by }: { by: string }): Promise<void> {
    const ended = await this.database.withTenant(which.tenant, async (manager) =>
      this.removeTeam(manager, await lockTeam(manager, which), by),
    );
    this.endedAccess.tell(...ended);
  }

  /**
   * Takes the members of one source out of a team, and removes the team unless another source keeps members there.
   *
   * @throws Failure `auth.unknown_team`
   */
  async release(which: TeamId, { source, by }: TeamChange): Promise<void> {
    const ended = await this.database.withTenant(which.tenant, async (manager) => {
      const team = await lockTeam(manager, which);
      const { tenant, name } = team;
      if (!(await manager.existsBy(TeamMemberRow, { tenant, team: name, source: Not(source) })))
        return this.removeTeam(manager, team, by);
      const remove = await membersOf(manager, team, source);
      const losers = await this.changeMembers(manager, team, { add: [], remove, source, by });
      await manager.update(TeamRow, { tenant, name }, { externalId: null });
      return endAccess(manager, this.endedAccess, { people: losers, loss: 'rights' });
    });
    this.endedAccess.tell(...ended);
  }

  private async removeTeam(manager: EntityManager, team: TeamRow, by: string): Promise<AccessEnded[]> {
    const { tenant, name } = team;
    const losers = await everybodyIn(manager, team);
    await manager.delete(TeamRow, { tenant, name });
    const detail = { by, team: name, members: losers.length };
    await this.events.record(manager, { tenant, kind: 'team.removed', detail });
    return endAccess(manager, this.endedAccess, { people: losers, loss: 'rights' });
  }

  private async rename(
    manager: EntityManager,
    { tenant, id, name: before, ...team }: TeamRow,
    { name, externalId, by }: { name: string; externalId: string | null; by: string },
  ): Promise<void> {
    if (name === before && externalId === team.externalId) return;
    await unlessTaken('auth.team_exists', () =>
      manager.update(TeamRow, { tenant, id }, { name, externalId }),
    );
    if (name === before) return;
    await this.events.record(manager, { tenant, kind: 'team.renamed', detail: { by, team: before, name } });
  }

  /** Returns who is not in the team any more, by any source. */
  private async changeMembers(
    manager: EntityManager,
    { tenant, name: team }: Pick<TeamRow, 'tenant' | 'name'>,
    { add, remove, source, by }: TeamChange & Required<TeamChanges>['members'],
  ): Promise<PersonRow[]> {
    if (add.length + remove.length > MOST_MEMBERS_CHANGED)
      throw new Failure('api.invalid_request', `Change ${MOST_MEMBERS_CHANGED} members at once at most.`);
    const people = await lockPeople(manager, tenant, [...add, ...remove]);
    const ids = people.map(({ id }) => id);
    const known = new Set(ids);
    if (add.some((id) => !known.has(id))) throw new Failure('auth.unknown_person');
    const before = await membersAmong(manager, { tenant, team }, ids);
    const added = add.map((person) => ({ tenant, team, source, person }));
    if (added.length > 0)
      await manager.createQueryBuilder().insert().into(TeamMemberRow).values(added).orIgnore().execute();
    const removed = In(remove.filter((id) => isUuid(id)));
    await manager.delete(TeamMemberRow, { tenant, team, source, person: removed });
    const after = await membersAmong(manager, { tenant, team }, ids);
    const event = (kind: string) => (subject: string) => ({
      tenant,
      kind,
      subject,
      detail: { by, team, source },
    });
    await this.events.record(
      manager,
      ...ids.filter((id) => after.has(id) && !before.has(id)).map(event('team_member.added')),
      ...ids.filter((id) => before.has(id) && !after.has(id)).map(event('team_member.removed')),
    );
    return people.filter(({ id }) => before.has(id) && !after.has(id));
  }
}

/** Locked, so that of two changes at once the second begins with what the first has left. */
async function lockTeam(manager: EntityManager, which: TeamId): Promise<TeamRow> {
  // Not the strongest lock: a sign-in that puts its person into the team holds that person's row, and we want it next.
  const lock = { mode: 'for_no_key_update' } as const;
  const team = isUuid(which.id) ? await manager.findOne(TeamRow, { where: which, lock }) : null;
  if (!team) throw new Failure('auth.unknown_team');
  return team;
}

/** In one order, so that two changes that want the same people never wait for each other. */
async function lockPeople(
  manager: EntityManager,
  tenant: string,
  ids: readonly string[],
): Promise<PersonRow[]> {
  return manager.find(PersonRow, {
    where: { tenant, id: In([...new Set(ids)].filter((id) => isUuid(id))) },
    order: { id: 'ASC' },
    lock: { mode: 'pessimistic_write' },
  });
}

/** Everybody in a team, by any source, service accounts too: locked. */
async function everybodyIn(manager: EntityManager, { tenant, name }: TeamRow): Promise<Holder[]> {
  const members = await manager.findBy(TeamMemberRow, { tenant, team: name });
  const machines = await manager.findBy(ServiceAccountTeamRow, { tenant, team: name });
  const people = await lockPeople(
    manager,
    tenant,
    members.map(({ person }) => person),
  );
  const accounts = await manager.find(ServiceAccountRow, {
    where: { tenant, id: In(machines.map(({ account }) => account)) },
    order: { id: 'ASC' },
    lock: { mode: 'pessimistic_write' },
  });
  return [...people, ...accounts];
}

async function membersOf(
  manager: EntityManager,
  { tenant, name: team }: TeamRow,
  source: MembershipSource,
): Promise<string[]> {
  const rows = await manager.findBy(TeamMemberRow, { tenant, team, source });
  return rows.map(({ person }) => person);
}

async function membersAmong(
  manager: EntityManager,
  team: { readonly tenant: string; readonly team: string },
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await manager.findBy(TeamMemberRow, { ...team, person: In([...ids]) });
  return new Set(rows.map(({ person }) => person));
}
