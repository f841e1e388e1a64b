import { Injectable } from '@nestjs/common';
import { Failure, type AccessEnded } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { MoreThan, type EntityManager } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { SecurityEvents } from '../security-events/security-events.store.js';
import { EndedAccess } from '../tokens/ended-access.store.js';
import { ServiceAccountTokenRow } from './machines.entity.js';
import { findAccount, needAccount, type Named, type ServiceAccount } from './service-accounts.store.js';

export type NewToken = Pick<ServiceAccountTokenRow, 'id' | 'hash' | 'name' | 'created' | 'expires'>;

/** The tokens of service accounts: several at a time, so that one can be replaced before it ends. */
@Injectable()
export class ServiceAccountTokens {
  constructor(
    private readonly database: Database,
    private readonly endedAccess: EndedAccess,
    private readonly events: SecurityEvents,
  ) {}

  /** @throws Failure `auth.unknown_service_account` */
  async add(named: Named, token: NewToken): Promise<ServiceAccountTokenRow> {
    return this.database.withTenant(named.tenant, async (manager) => {
      const account = await needAccount(manager, { tenant: named.tenant, name: named.name });
      return this.insert(manager, account, { ...token, by: named.by });
    });
  }

  /** A token that still counts, and its account, by the token's hash; null if there is none. */
  async find(hash: string): Promise<{ token: ServiceAccountTokenRow; account: ServiceAccount } | null> {
    return this.database.acrossTenants(async (manager) => {
      const token = await manager.findOneBy(ServiceAccountTokenRow, { hash, expires: MoreThan(new Date()) });
      const account = token && (await findAccount(manager, { id: token.account }));
      return account && { token, account };
    });
  }

  /**
   * Newest first, the expired ones too.
   *
   * @throws Failure `auth.unknown_service_account`
   */
  async list(tenant: string, name: string): Promise<ServiceAccountTokenRow[]> {
    return this.database.withTenant(tenant, async (manager) => {
      const { id: account } = await needAccount(manager, { tenant, name });
      return manager.find(ServiceAccountTokenRow, {
        ...{ where: { tenant, account }, order: { created: 'DESC', id: 'ASC' } },
      });
    });
  }

  /**
   * Adds the successor of a token, which itself ends when the grace is over, if not before.
   *
   * @param successorOf its name is the old token's
   * @throws Failure `auth.unknown_service_account`; `auth.unknown_token`, for one that has expired too
   */
  async rotate(
    named: Named,
    old: { readonly id: string; readonly graceSeconds: number },
    successorOf: (old: ServiceAccountTokenRow) => NewToken,
  ): Promise<ServiceAccountTokenRow> {
    const { tenant, name, by } = named;
    const { made, ended } = await this.database.withTenant(tenant, async (manager) => {
      const account = await needAccount(manager, { tenant, name });
      const replaced = await needToken(manager, account, old.id);
      if (replaced.expires <= new Date()) throw new Failure('auth.unknown_token');
      const made = await this.insert(manager, account, { ...successorOf(replaced), by, replaces: old.id });
      const end = new Date(Math.min(replaced.expires.getTime(), Date.now() + old.graceSeconds * 1_000));
      await manager.update(ServiceAccountTokenRow, { id: old.id }, { expires: end });
      return { made, ended: old.graceSeconds === 0 ? await this.end(manager, tenant, old.id) : null };
    });
    if (ended) this.endedAccess.tell(ended);
    return made;
  }

  /**
   * Ends one token, or with null every one of the account.
   *
   * @throws Failure `auth.unknown_service_account`, `auth.unknown_token`
   */
  async revoke({ tenant, name, by }: Named, id: string | null): Promise<void> {
    const ended = await this.database.withTenant(tenant, async (manager) => {
      const account = await needAccount(manager, { tenant, name });
      const mine = { tenant, account: account.id };
      const tokens =
        id === null
          ? await manager.findBy(ServiceAccountTokenRow, mine)
          : [await needToken(manager, account, id)];
      const ended: AccessEnded[] = [];
      for (const token of tokens) {
        await manager.delete(ServiceAccountTokenRow, { ...mine, id: token.id });
        const detail = { name, by, token: token.id };
        await this.events.record(manager, {
          ...{ tenant, kind: 'service_account_token.revoked', subject: account.id, detail },
        });
        ended.push(await this.end(manager, tenant, token.id));
      }
      return ended;
    });
    for (const one of ended) this.endedAccess.tell(one);
  }

  async noteUse({ id, tenant }: ServiceAccountTokenRow): Promise<void> {
    await this.database.withTenant(tenant, (manager) =>
      manager.update(ServiceAccountTokenRow, { id }, { lastUsed: new Date() }),
    );
  }

  private async insert(
    manager: EntityManager,
    account: ServiceAccount,
    token: NewToken & { readonly by: string; readonly replaces?: string },
  ): Promise<ServiceAccountTokenRow> {
    const { by, replaces, ...given } = token;
    const { tenant, id: subject, name } = account;
    const row = { ...given, tenant, account: subject, lastUsed: null };
    await manager.insert(ServiceAccountTokenRow, row);
    const detail = { name, by, token: row.id, ...(replaces === undefined ? {} : { replaces }) };
    await this.events.record(manager, { tenant, kind: 'service_account_token.added', subject, detail });
    return row;
  }

  private async end(manager: EntityManager, tenant: string, id: string): Promise<AccessEnded> {
    const ended: AccessEnded = { tenant, kind: 'token', id, before: Math.floor(Date.now() / 1_000) };
    await this.endedAccess.record(manager, ended);
    return ended;
  }
}

/** Locked: a token that is being rotated cannot be rotated or revoked beside. */
async function needToken(
  manager: EntityManager,
  { tenant, id: account }: ServiceAccount,
  id: string,
): Promise<ServiceAccountTokenRow> {
  const where = { tenant, account, id };
  const lock = { mode: 'pessimistic_write' } as const;
  const token = isUuid(id) ? await manager.findOne(ServiceAccountTokenRow, { where, lock }) : null;
  if (!token) throw new Failure('auth.unknown_token');
  return token;
}
