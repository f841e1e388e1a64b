import { Injectable } from '@nestjs/common';
import { Email, Failure, PersonName } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { SCIMError } from 'scimmy/types';
import { In, type EntityManager } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { PersonRow, TeamMemberRow, TeamRow } from '../people/people.entity.js';
import { Roster, type PersonChanges } from '../people/roster.store.js';
import type { ScimClient } from './admission.guard.js';
import type { Equalities } from './filter.js';
import { readPage, type Listed, type PageAsked } from './page.js';
import { UserResource } from './resources.js';

/** What users can be filtered by, in lower case. */
export const USER_FILTERS = [
  'username',
  'externalid',
  'emails',
  'emails.value',
  'displayname',
  'id',
  'active',
];

/** People, as SCIM users. */
@Injectable()
export class ScimUsers {
  constructor(
    private readonly database: Database,
    private readonly roster: Roster,
  ) {}

  async list({ tenant }: ScimClient, filter: Equalities, page: PageAsked): Promise<Listed<object>> {
    return this.database.withTenant(tenant, async (manager) => {
      const query = manager
        .createQueryBuilder(PersonRow, 'person')
        .where('person.tenant = :tenant', { tenant });
      for (const [attribute, value] of filter) query.andWhere(...conditionOf(attribute, value));
      const { rows, total } = await readPage(query.orderBy('person.created').addOrderBy('person.id'), page);
      return { items: await shown(manager, rows), total };
    });
  }

  /** @throws Failure `auth.unknown_person` */
  async find({ tenant }: ScimClient, id: string): Promise<object> {
    return this.database.withTenant(tenant, async (manager) => {
      const row = isUuid(id) ? await manager.findOneBy(PersonRow, { tenant, id }) : null;
      const [user] = row ? await shown(manager, [row]) : [];
      if (!user) throw new Failure('auth.unknown_person');
      return user;
    });
  }

  /** @throws Failure `auth.person_exists` */
  async add({ tenant, name: by }: ScimClient, user: UserResource): Promise<string> {
    const { email, name, ...rest } = changesTo(user);
    return this.roster.add({ tenant, email: email ?? '', name: name ?? '', ...rest }, by);
  }

  /** @throws Failure `auth.unknown_person`, `auth.person_exists`, `auth.last_admin` */
  async replace({ tenant, name: by }: ScimClient, id: string, user: UserResource): Promise<void> {
    await this.roster.update({ tenant, id }, changesTo(user), by);
  }

  /** @param patch makes what the user shall be of what it is */
  async patch(
    { tenant, name: by }: ScimClient,
    id: string,
    patch: (user: UserResource) => Promise<UserResource>,
  ): Promise<void> {
    const change = async (row: PersonRow) => changesTo(await patch(new UserResource(userOf(row, []), 'out')));
    await this.roster.update({ tenant, id }, change, by);
  }

  async remove({ tenant, name: by }: ScimClient, id: string): Promise<void> {
    await this.roster.remove({ tenant, id }, by);
  }
}

function conditionOf(attribute: string, value: string): [string, Record<string, unknown>] {
  switch (attribute) {
    case 'username':
      return [
        "lower(coalesce(person.scim->>'userName', person.email)) = :userName",
        { userName: value.toLowerCase() },
      ];
    case 'externalid':
      return ['person.external_id = :externalId', { externalId: value }];
    case 'displayname':
      return ['person.name = :name', { name: value }];
    case 'id':
      return ['person.id::text = :id', { id: value.toLowerCase() }];
    case 'active':
      return ['person.suspended = :suspended', { suspended: value.toLowerCase() === 'false' }];
    default:
      return ['person.email = :email', { email: value.toLowerCase() }];
  }
}

async function shown(manager: EntityManager, rows: readonly PersonRow[]): Promise<object[]> {
  const where = { person: In(rows.map(({ id }) => id)), source: 'scim' };
  const memberships = await manager.findBy(TeamMemberRow, where);
  const teams = await manager.findBy(TeamRow, { name: In(memberships.map(({ team }) => team)) });
  const idOf = new Map(teams.map(({ id, name }) => [name, id]));
  return rows.map((row) => {
    const mine = memberships.filter(({ person }) => person === row.id);
    return userOf(
      row,
      mine.map(({ team }) => ({ value: idOf.get(team) ?? '', display: team })),
    );
  });
}

/** A person as a SCIM user: what SCIM has said, or what follows from the person. */
function userOf(row: PersonRow, groups: object[]): object {
  const { id, externalId, email, name, suspended, created } = row;
  return {
    id,
    ...(externalId === null ? {} : { externalId }),
    ...{ userName: email, displayName: name, name: { formatted: name } },
    emails: [{ value: email, type: 'work', primary: true }],
    ...row.scim,
    ...{ active: !suspended, groups, meta: { created } },
  };
}

/** What a SCIM user comes to for the person. @throws SCIMError 400 `invalidValue` without an e-mail address */
function changesTo(user: UserResource): PersonChanges {
  const { externalId = null, userName, displayName, active } = user;
  const emails = (user.emails ?? []).map(({ value, type, primary }) => ({ value, type, primary }));
  const { formatted, givenName, familyName } = user.name ?? {};
  const candidates = [
    emails.find(({ primary }) => primary)?.value,
    ...emails.map(({ value }) => value),
    userName,
  ];
  const email = candidates.map((value) => Email.safeParse(value)).find(({ success }) => success)?.data;
  if (email === undefined)
    throw new SCIMError(400, 'invalidValue', 'emails, or else userName, must hold an e-mail address.');
  const full = [givenName, familyName].filter(Boolean).join(' ');
  const names = [displayName, formatted, full].map((name) => PersonName.safeParse(name));
  const scim = { userName, displayName, name: { formatted, givenName, familyName }, emails };
  return {
    ...{ email, name: names.find(({ success }) => success)?.data ?? email, externalId, scim },
    ...(active === undefined ? {} : { suspended: !active }),
  };
}
