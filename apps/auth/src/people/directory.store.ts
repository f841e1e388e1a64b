import { Injectable } from '@nestjs/common';
import { Failure, type Person, type Team, type TeamMember } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { ILike, In, MoreThan, type EntityManager, type FindOptionsWhere } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { PersonRow, TeamMemberRow, TeamRow } from './people.entity.js';

/** A part of a list: `cursor` is what the page before gave as `next`. */
export interface Paging {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<Item> {
  readonly items: Item[];
  readonly next: string | null;
}

/** Who there is, suspended people too, as administrators are shown it. */
@Injectable()
export class Directory {
  constructor(private readonly database: Database) {}

  people(filter: {
    tenant: string;
    email?: string | undefined;
    suspended?: boolean | undefined;
    paging: Paging;
  }): Promise<Page<Person>> {
    const { tenant, email, suspended, paging } = filter;
    const where: FindOptionsWhere<PersonRow>[] = [
      {
        tenant,
        ...(email === undefined ? {} : { email: ILike(`%${literally(email)}%`) }),
        ...(suspended === undefined ? {} : { suspended }),
      },
    ];
    return this.database.withTenant(tenant, async (manager) => {
      const query = manager.createQueryBuilder(PersonRow, 'person').where(where);
      if (paging.cursor !== undefined) query.andWhere('person.email > :cursor', { cursor: paging.cursor });
      const rows = await query
        .orderBy('person.email')
        .limit(paging.limit + 1)
        .getMany();
      const { kept, next } = cut(rows, paging, ({ email }) => email);
      return { items: await shownPeople(manager, tenant, kept), next };
    });
  }

  /** @throws Failure `auth.unknown_person` */
  async person({ tenant, id }: { tenant: string; id: string }): Promise<Person> {
    return this.database.withTenant(tenant, async (manager) => {
      const row = isUuid(id) ? await manager.findOneBy(PersonRow, { tenant, id }) : null;
      const [person] = row ? await shownPeople(manager, tenant, [row]) : [];
      if (!person) throw new Failure('auth.unknown_person');
      return person;
    });
  }

  teams(tenant: string, paging: Paging): Promise<Page<Team>> {
    return this.database.withTenant(tenant, async (manager) => {
      const rows = await manager.find(TeamRow, {
        where: { tenant, ...(paging.cursor === undefined ? {} : { name: MoreThan(paging.cursor) }) },
        order: { name: 'ASC' },
        take: paging.limit + 1,
      });
      const { kept, next } = cut(rows, paging, ({ name }) => name);
      return { items: await shownTeams(manager, tenant, kept), next };
    });
  }

  /** @throws Failure `auth.unknown_team` */
  async team(which: { tenant: string; id: string }): Promise<Team> {
    return this.database.withTenant(which.tenant, async (manager) => {
      const [team] = await shownTeams(manager, which.tenant, [await findTeam(manager, which)]);
      return team as Team;
    });
  }

  /** @throws Failure `auth.unknown_team` */
  async members(which: { tenant: string; id: string }, paging: Paging): Promise<Page<TeamMember>> {
    return this.database.withTenant(which.tenant, async (manager) => {
      const { tenant, name: team } = await findTeam(manager, which);
      const rows = await manager
        .createQueryBuilder(PersonRow, 'person')
        .where('person.tenant = :tenant AND person.email > :after', { tenant, after: paging.cursor ?? '' })
        .andWhere(
          'EXISTS (SELECT FROM team_member m WHERE m.person = person.id AND m.tenant = :tenant AND m.team = :team)',
          { team },
        )
        .orderBy('person.email')
        .limit(paging.limit + 1)
        .getMany();
      const { kept, next } = cut(rows, paging, ({ email }) => email);
      const memberships = await manager.findBy(TeamMemberRow, { tenant, team, person: In(idsOf(kept)) });
      const items = kept.map(({ id, email, name }) => ({
        ...{ id, email, name },
        sources: memberships.filter(({ person }) => person === id).map(({ source }) => source),
      }));
      return { items, next };
    });
  }
}

/** One row more than a page holds was asked for: it tells that there is a next page. */
export function cut<Row>(
  rows: Row[],
  { limit }: Paging,
  cursorOf: (row: Row) => string,
): { kept: Row[]; next: string | null } {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { kept, next: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

/** Text in a LIKE pattern that stands for itself. */
function literally(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

async function shownPeople(manager: EntityManager, tenant: string, rows: PersonRow[]): Promise<Person[]> {
  const memberships = await manager.findBy(TeamMemberRow, { tenant, person: In(idsOf(rows)) });
  const teams = await manager.findBy(TeamRow, { tenant, name: In(memberships.map(({ team }) => team)) });
  teams.sort((one, other) => (one.name < other.name ? -1 : 1));
  return rows.map((row) => {
    const mine = memberships.filter(({ person }) => person === row.id);
    const sourcesOf = (name: string) => mine.filter(({ team }) => team === name).map(({ source }) => source);
    return {
      ...{ id: row.id, email: row.email, name: row.name, admin: row.admin, suspended: row.suspended },
      teams: teams
        .map(({ id, name }) => ({ id, name, sources: sourcesOf(name) }))
        .filter(({ sources }) => sources.length > 0),
      created: row.created.toISOString(),
      lastSignIn: row.lastSignIn?.toISOString() ?? null,
    };
  });
}

async function findTeam(manager: EntityManager, which: { tenant: string; id: string }): Promise<TeamRow> {
  const team = isUuid(which.id) ? await manager.findOneBy(TeamRow, which) : null;
  if (!team) throw new Failure('auth.unknown_team');
  return team;
}

async function shownTeams(manager: EntityManager, tenant: string, rows: TeamRow[]): Promise<Team[]> {
  const counts = await manager.query<{ team: string; members: number }[]>(
    `SELECT team, count(DISTINCT person)::int AS members FROM team_member
     WHERE tenant = $1 AND team = ANY($2) GROUP BY team`,
    [tenant, rows.map(({ name }) => name)],
  );
  const members = new Map(counts.map((count) => [count.team, count.members]));
  return rows.map(({ id, name, created }) => ({
    ...{ id, name, members: members.get(name) ?? 0 },
    created: created.toISOString(),
  }));
}

function idsOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map(({ id }) => id);
}
