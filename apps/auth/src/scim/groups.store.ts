import { Injectable } from '@nestjs/common';
import { Failure, TeamName } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { SCIMError } from 'scimmy/types';
import { In, type EntityManager } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { PersonRow, TeamMemberRow, TeamRow } from '../people/people.entity.js';
import { Teams, type TeamChanges } from '../people/team/teams.store.js';
import type { ScimClient } from './admission.guard.js';
import type { Equalities } from './filter.js';
import { readPage, type Listed, type PageAsked } from './page.js';
import { GroupResource } from './resources.js';

/** What groups can be filtered by, in lower case. */
export const GROUP_FILTERS = ['displayname', 'externalid', 'id', 'members', 'members.value'];

/** Teams, as SCIM groups: their members are those whom SCIM keeps there. */
@Injectable()
export class ScimGroups {
  constructor(
    private readonly database: Database,
    private readonly teams: Teams,
  ) {}

  async list(
    { tenant }: ScimClient,
    filter: Equalities,
    page: PageAsked & { members: boolean },
  ): Promise<Listed<object>> {
    return this.database.withTenant(tenant, async (manager) => {
      const query = manager.createQueryBuilder(TeamRow, 'team').where('team.tenant = :tenant', { tenant });
      for (const [attribute, value] of filter) query.andWhere(...conditionOf(attribute, value));
      const { rows, total } = await readPage(query.orderBy('team.name'), page);
      return { items: await shown(manager, rows, page), total };
    });
  }

  /** @throws Failure `auth.unknown_team` */
  async find({ tenant }: ScimClient, id: string, asked: { members: boolean }): Promise<object> {
    return this.database.withTenant(tenant, async (manager) => {
      const row = isUuid(id) ? await manager.findOneBy(TeamRow, { tenant, id }) : null;
      const [group] = row ? await shown(manager, [row], asked) : [];
      if (!group) throw new Failure('auth.unknown_team');
      return group;
    });
  }

  /** @throws Failure `auth.team_exists`; SCIMError 400 `invalidValue` for an unknown member */
  async add({ tenant, name: by }: ScimClient, group: GroupResource): Promise<string> {
    const { name, externalId } = changesTo(group, []);
    const members = membersOf(group);
    return known(() => this.teams.add({ tenant, name, externalId }, { by, source: 'scim', members }));
  }

  /** @param shall makes what the group shall be of what it is */
  async change(
    { tenant, name: by }: ScimClient,
    id: string,
    shall: (group: GroupResource) => Promise<GroupResource>,
  ): Promise<void> {
    const change = async (team: TeamRow, members: string[]): Promise<TeamChanges> => {
      const group = new GroupResource(
        groupOf(
          team,
          members.map((value) => ({ value })),
        ),
        'out',
      );
      return changesTo(await shall(group), members);
    };
    await known(() => this.teams.change({ tenant, id }, change, { source: 'scim', by }));
  }

  /** Takes SCIM's members out; the team itself goes unless somebody else keeps members there. */
  async remove({ tenant, name: by }: ScimClient, id: string): Promise<void> {
    await this.teams.release({ tenant, id }, { source: 'scim', by });
  }
}

function conditionOf(attribute: string, value: string): [string, Record<string, unknown>] {
  switch (attribute) {
    case 'displayname':
      return ['team.name = :name', { name: value }];
    case 'externalid':
      return ['team.external_id = :externalId', { externalId: value }];
    case 'id':
      return ['team.id::text = :id', { id: value.toLowerCase() }];
    default:
      return [
        `EXISTS (SELECT FROM team_member m WHERE m.tenant = team.tenant AND m.team = team.name
         AND m.source = 'scim' AND m.person::text = :member)`,
        { member: value.toLowerCase() },
      ];
  }
}

async function shown(
  manager: EntityManager,
  teams: readonly TeamRow[],
  { members }: { members: boolean },
): Promise<object[]> {
  const where = { team: In(teams.map(({ name }) => name)), source: 'scim' };
  const memberships = members ? await manager.findBy(TeamMemberRow, where) : [];
  const people = await manager.findBy(PersonRow, { id: In(memberships.map(({ person }) => person)) });
  const nameOf = new Map(people.map(({ id, email }) => [id, email]));
  return teams.map((team) => {
    const mine = memberships.filter((membership) => membership.team === team.name);
    return groupOf(
      team,
      mine.map(({ person }) => ({ value: person, display: nameOf.get(person) })),
    );
  });
}

function groupOf({ id, externalId, name, created }: TeamRow, members: object[]): object {
  return {
    id,
    ...(externalId === null ? {} : { externalId }),
    ...{ displayName: name, members, meta: { created } },
  };
}

function membersOf({ members = [] }: GroupResource): string[] {
  return [...new Set(members.map(({ value }) => value ?? ''))];
}

/** @throws SCIMError 400 `invalidValue` for a name that no team can have */
function changesTo(group: GroupResource, before: readonly string[]) {
  const name = TeamName.safeParse(group.displayName);
  if (!name.success)
    throw new SCIMError(400, 'invalidValue', 'displayName must have 1 to 100 visible characters.');
  const [had, has] = [new Set(before), new Set(membersOf(group))];
  return {
    ...{ name: name.data, externalId: group.externalId ?? null },
    members: {
      add: [...has].filter((id) => !had.has(id)),
      remove: [...had].filter((id) => !has.has(id)),
    },
  };
}

/** A member whom nobody knows is a fault of the body: the address is right. */
async function known<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'auth.unknown_person') throw error;
    throw new SCIMError(400, 'invalidValue', 'members: each value must be the id of a user.');
  }
}
