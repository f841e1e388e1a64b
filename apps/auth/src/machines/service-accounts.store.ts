import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Failure, type ServiceAccountRole, type ServiceAccountSettings } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { In, MoreThan, type EntityManager, type FindOptionsWhere } from 'typeorm';
import { TeamRow } from '../people/people.entity.js';
import { endAccess } from '../people/ended-rights.store.js';
import { unlessTaken } from '../people/unless-taken.js';
import { SecurityEvents } from '../security-events/security-events.store.js';
import { EndedAccess } from '../tokens/ended-access.store.js';
import { ServiceAccountClientRow, ServiceAccountRow, ServiceAccountTeamRow } from './machines.entity.js';

/** A service account's row with its teams. */
export interface ServiceAccount {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly description: string;
  readonly teams: readonly string[];
  readonly roles: readonly ServiceAccountRole[];
  readonly clients: readonly string[];
  readonly suspended: boolean;
  readonly generation: number;
  readonly created: Date;
  readonly lastUsed: Date | null;
}

/** An account as the administrator names it; `by` is the administrator's id. */
export interface Named {
  readonly tenant: string;
  readonly name: string;
  readonly by: string;
}

/** Makes and changes service accounts. Whatever takes access away ends it on every edge, in the same transaction. */
@Injectable()
export class ServiceAccounts {
  constructor(
    private readonly database: Database,
    private readonly endedAccess: EndedAccess,
    private readonly events: SecurityEvents,
  ) {}

  /** @throws Failure `auth.service_account_exists`, `auth.unknown_team` */
  async add({ tenant, name, by }: Named, settings: ServiceAccountSettings): Promise<ServiceAccount> {
    const { teams, clients, ...rest } = settings;
    const id = randomUUID();
    return this.database.withTenant(tenant, async (manager) => {
      const inserted = await manager
        .createQueryBuilder()
        .insert()
        .into(ServiceAccountRow)
        .values({ id, tenant, name, ...rest })
        .orIgnore()
        .returning('id')
        .execute();
      if ((inserted.raw as unknown[]).length === 0) throw new Failure('auth.service_account_exists');
      await setTeams(manager, { tenant, id }, teams);
      await setClients(manager, { tenant, id }, clients);
      const detail = { name, by, ...settings };
      await this.events.record(manager, { tenant, kind: 'service_account.added', subject: id, detail });
      return needAccount(manager, { tenant, id });
    });
  }

  /** @throws Failure `auth.unknown_service_account` */
  show(tenant: string, name: string): Promise<ServiceAccount> {
    return this.database.withTenant(tenant, (manager) => needAccount(manager, { tenant, name }));
  }

  /** One more than `limit` where there are more, by name. */
  list(tenant: string, limit: number, after: string | null): Promise<ServiceAccount[]> {
    return this.database.withTenant(tenant, async (manager) => {
      const where = { tenant, ...(after === null ? {} : { name: MoreThan(after) }) };
      const rows = await manager.find(ServiceAccountRow, { where, order: { name: 'ASC' }, take: limit + 1 });
      return withLists(manager, rows);
    });
  }

  /** @throws Failure `auth.unknown_service_account`, `auth.unknown_team` */
  async change(named: Named, changes: Partial<ServiceAccountSettings>): Promise<ServiceAccount> {
    const { tenant, name, by } = named;
    const { account, ended } = await this.database.withTenant(tenant, async (manager) => {
      const before = await needAccount(manager, { tenant, name }, 'locked');
      const { teams, clients, ...rest } = changes;
      if (teams) await setTeams(manager, before, teams);
      if (clients) await setClients(manager, before, clients);
      if (Object.keys(rest).length > 0) await manager.update(ServiceAccountRow, { id: before.id }, rest);
      const detail = { name, by, ...changes };
      await this.events.record(manager, {
        ...{ tenant, kind: 'service_account.changed', subject: before.id, detail },
      });
      const ended = losesAccess(before, changes)
        ? await endAccess(manager, this.endedAccess, { people: [before], loss: 'rights' })
        : [];
      return { account: await needAccount(manager, { tenant, name }), ended };
    });
    this.endedAccess.tell(...ended);
    return account;
  }

  /**
   * Takes the account away with its tokens.
   *
   * @throws Failure `auth.unknown_service_account`
   */
  async remove({ tenant, name, by }: Named): Promise<void> {
    const ended = await this.database.withTenant(tenant, async (manager) => {
      const account = await needAccount(manager, { tenant, name }, 'locked');
      const { id: subject } = account;
      await this.events.record(manager, {
        ...{ tenant, kind: 'service_account.removed', subject, detail: { name, by } },
      });
      const ended = await endAccess(manager, this.endedAccess, { people: [account], loss: 'rights' });
      await manager.delete(ServiceAccountRow, { id: account.id });
      return ended;
    });
    this.endedAccess.tell(...ended);
  }

  /** The account as which a client of a tenant acts, if it may. */
  ofClient(tenant: string, client: string): Promise<ServiceAccount | null> {
    return this.database.withTenant(tenant, async (manager) => {
      const bound = await manager.findOneBy(ServiceAccountClientRow, { tenant, client });
      return bound && findAccount(manager, { tenant, id: bound.account });
    });
  }

  async noteUse(tenant: string, id: string): Promise<void> {
    await this.database.withTenant(tenant, (manager) =>
      manager.update(ServiceAccountRow, { id }, { lastUsed: new Date() }),
    );
  }
}

/** An account that may act: suspended ones are found by nobody. */
export async function findAccount(
  manager: EntityManager,
  where: FindOptionsWhere<ServiceAccountRow>,
): Promise<ServiceAccount | null> {
  const rows = await manager.findBy(ServiceAccountRow, { ...where, suspended: false });
  const [account] = await withLists(manager, rows);
  return account ?? null;
}

/** @throws Failure `auth.unknown_service_account` */
export async function needAccount(
  manager: EntityManager,
  where: FindOptionsWhere<ServiceAccountRow>,
  locked?: 'locked',
): Promise<ServiceAccount> {
  const lock = locked ? ({ lock: { mode: 'pessimistic_write' } } as const) : {};
  const row = await manager.findOne(ServiceAccountRow, { where, ...lock });
  const [account] = row ? await withLists(manager, [row]) : [];
  if (!account) throw new Failure('auth.unknown_service_account');
  return account;
}

async function withLists(manager: EntityManager, rows: ServiceAccountRow[]): Promise<ServiceAccount[]> {
  const where = { account: In(rows.map(({ id }) => id)) };
  const members = await manager.find(ServiceAccountTeamRow, { where, order: { team: 'ASC' } });
  const bound = await manager.find(ServiceAccountClientRow, { where, order: { client: 'ASC' } });
  return rows.map((row) => ({
    ...row,
    teams: members.filter(({ account }) => account === row.id).map(({ team }) => team),
    clients: bound.filter(({ account }) => account === row.id).map(({ client }) => client),
  }));
}

async function setTeams(
  manager: EntityManager,
  { tenant, id }: { tenant: string; id: string },
  teams: readonly string[],
): Promise<void> {
  const known = await manager.countBy(TeamRow, { tenant, name: In([...teams]) });
  if (known !== teams.length) throw new Failure('auth.unknown_team');
  await manager.delete(ServiceAccountTeamRow, { tenant, account: id });
  const rows = teams.map((team) => ({ tenant, account: id, team }));
  if (rows.length > 0) await manager.insert(ServiceAccountTeamRow, rows);
}

/** A client acts as one account of a tenant: which one must not depend on chance. */
async function setClients(
  manager: EntityManager,
  { tenant, id }: { tenant: string; id: string },
  clients: readonly string[],
): Promise<void> {
  await manager.delete(ServiceAccountClientRow, { tenant, account: id });
  const rows = clients.map((client) => ({ tenant, client, account: id }));
  if (rows.length > 0)
    await unlessTaken('auth.client_bound', () => manager.insert(ServiceAccountClientRow, rows));
}

function losesAccess(before: ServiceAccount, changes: Partial<ServiceAccountSettings>): boolean {
  const lost = (had: readonly string[], has: readonly string[] = had) =>
    had.some((item) => !has.includes(item));
  return (
    (changes.suspended === true && !before.suspended) ||
    lost(before.teams, changes.teams) ||
    lost(before.roles, changes.roles) ||
    lost(before.clients, changes.clients)
  );
}
