import { Injectable } from '@nestjs/common';
import { Failure, type AccessEnded, type SignIn } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { AdapterPayload } from 'oidc-provider';
import { In, type EntityManager } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { ClientRow } from '../../clients/clients.entity.js';
import { PersonRow } from '../../people/people.entity.js';
import type { PersonId } from '../../people/roster.store.js';
import { SecurityEvents } from '../../security-events/security-events.store.js';
import { EndedAccess } from '../../tokens/ended-access.store.js';
import { ApprovalRow, OidcStateRow } from '../oidc.entity.js';
import { redirectHost } from '../requests/redirect.js';
import { OF_ACCOUNT } from './remove-sign-ins.js';

/** Issued while the grant was being ended: a racing request may be a little ahead. */
const RACE_SECONDS = 60;

interface Grant {
  readonly id: string;
  readonly client: string;
  /** Address of a server -> scopes. */
  readonly resources: Readonly<Record<string, string>>;
  readonly created: Date;
}

/** The sign-ins of a person's clients: each is a grant of its own, with all that was issued under it. */
@Injectable()
export class SignIns {
  constructor(
    private readonly database: Database,
    private readonly endedAccess: EndedAccess,
    private readonly events: SecurityEvents,
  ) {}

  /** Those that a client has completed, newest first. @throws Failure `auth.unknown_person` */
  async list(person: PersonId): Promise<SignIn[]> {
    const { tenant, id } = person;
    const { grants, refreshed, approvals } = await this.database.withTenant(tenant, async (manager) => {
      await checkExists(manager, person);
      const grants = await grantsOf(manager, id);
      const approvals = await manager.findBy(ApprovalRow, { tenant, person: id });
      return { grants, refreshed: await lastRefreshes(manager, grants), approvals };
    });
    const names = await clientNames(
      this.database,
      grants.map(({ client }) => client),
    );
    return grants
      .filter((grant) => refreshed.has(grant.id))
      .map((grant) => ({
        id: grant.id,
        client: { id: grant.client, name: names.get(grant.client) ?? grant.client },
        redirectHosts: hostsOf(approvals.filter((approval) => isFor(grant, approval))),
        resource: Object.keys(grant.resources)[0] ?? '',
        scopes: Object.values(grant.resources).flatMap((scopes) => scopes.split(' ')),
        created: grant.created.toISOString(),
        lastUsed: refreshed.get(grant.id)?.toISOString() ?? null,
      }))
      .sort((one, other) => (one.created < other.created ? 1 : -1));
  }

  /** Ends one, on every edge. @throws Failure `auth.unknown_sign_in` if it is not that person's */
  async end(person: PersonId, id: string): Promise<void> {
    await this.endSome(person, async (manager) => {
      const found = (await grantsOf(manager, person.id)).filter((grant) => grant.id === id);
      if (found.length === 0) throw new Failure('auth.unknown_sign_in');
      return { grants: found, kind: 'sign_in.ended' };
    });
  }

  /**
   * Forgets an approval and ends the client's sign-ins of that person at that server.
   *
   * @throws Failure `auth.unknown_approval` if it is not that person's
   */
  async withdrawApproval({ tenant, id: person }: PersonId, id: string): Promise<void> {
    await this.endSome({ tenant, id: person }, async (manager) => {
      const which = { tenant, person, id };
      const approval = isUuid(id) ? await manager.findOneBy(ApprovalRow, which) : null;
      if (!approval) throw new Failure('auth.unknown_approval');
      await manager.delete(ApprovalRow, which);
      const grants = (await grantsOf(manager, person)).filter((grant) => isFor(grant, approval));
      return { grants, kind: 'approval.withdrawn', client: approval.client };
    });
  }

  private async endSome(
    { tenant, id: subject }: PersonId,
    choose: (manager: EntityManager) => Promise<{ grants: Grant[]; kind: string; client?: string }>,
  ): Promise<void> {
    const ended = await this.database.withTenant(tenant, async (manager) => {
      await checkExists(manager, { tenant, id: subject });
      const { grants, kind, client = grants[0]?.client } = await choose(manager);
      const ids = grants.map(({ id }) => id);
      await manager.delete(OidcStateRow, { grantId: In(ids) });
      await manager.delete(OidcStateRow, { model: 'Grant', id: In(ids) });
      const before = Math.floor(Date.now() / 1_000) + RACE_SECONDS;
      const ended = ids.map((id): AccessEnded => ({ tenant, kind: 'grant', id, before }));
      await this.endedAccess.record(manager, ...ended);
      await this.events.record(manager, { ...{ tenant, kind, subject, client }, detail: { grants: ids } });
      return ended;
    });
    this.endedAccess.tell(...ended);
  }
}

export async function checkExists(manager: EntityManager, who: PersonId): Promise<void> {
  const { tenant, id } = who;
  if (!isUuid(id) || !(await manager.existsBy(PersonRow, { tenant, id })))
    throw new Failure('auth.unknown_person');
}

async function grantsOf(manager: EntityManager, account: string): Promise<Grant[]> {
  const rows = await manager
    .createQueryBuilder(OidcStateRow, 'state')
    .where("model = 'Grant' AND expires_at > now()")
    .andWhere(OF_ACCOUNT, { accounts: [account] })
    .getMany();
  return rows.map(({ id, payload }) => {
    const { clientId = '', resources = {}, iat = 0 } = payload as AdapterPayload;
    return {
      id,
      client: clientId,
      resources: resources as Record<string, string>,
      created: new Date(iat * 1_000),
    };
  });
}

/** When each grant's newest refresh token was made. A grant without one was never completed. */
async function lastRefreshes(manager: EntityManager, grants: readonly Grant[]): Promise<Map<string, Date>> {
  const rows = await manager.query<{ grant_id: string; iat: number }[]>(
    `SELECT grant_id, max((payload->>'iat')::int) AS iat FROM oidc_state
     WHERE model = 'RefreshToken' AND grant_id = ANY($1) GROUP BY grant_id`,
    [grants.map(({ id }) => id)],
  );
  return new Map(rows.map(({ grant_id: id, iat }) => [id, new Date(iat * 1_000)]));
}

/** What clients call themselves, in a registration or in a document. Most clients belong to no tenant. */
export async function clientNames(database: Database, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await database.acrossTenants((manager) =>
    manager.findBy(ClientRow, { id: In([...new Set(ids)]) }),
  );
  return new Map(rows.map(({ id, metadata }) => [id, (metadata as AdapterPayload).client_name ?? id]));
}

function isFor({ client, resources }: Grant, approval: ApprovalRow): boolean {
  const addresses = Object.keys(resources).map((indicator) => URL.parse(indicator)?.href);
  return client === approval.client && addresses.includes(approval.resource);
}

function hostsOf(approvals: readonly ApprovalRow[]): string[] {
  return [...new Set(approvals.map(({ redirect }) => redirectHost(redirect)))];
}
