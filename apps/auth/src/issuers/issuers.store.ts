import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Failure, Issuer, type AccessEnded } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { MoreThan, Not, type EntityManager } from 'typeorm';
import { SecurityEvents } from '../security-events/security-events.store.js';
import { EndedAccess } from '../tokens/ended-access.store.js';
import { IssuerRow } from './issuers.entity.js';

/**
 * An issuer whose JWTs a tenant believes. What is issued on its word carries `id` as its grant: a registration that
 * was changed has another.
 */
export interface RegisteredIssuer {
  readonly id: string;
  readonly tenant: string;
  readonly registration: Issuer;
}

/** Issued on a word that was asked for before: a racing exchange may be a little behind. */
const RACE_SECONDS = 60;

/** A tenant, and the id of the administrator who asks. */
interface Administered {
  readonly tenant: string;
  readonly by: string;
}

/** The issuers that each tenant believes. What was issued on the word of one ends with it, or when it changes. */
@Injectable()
export class Issuers {
  constructor(
    private readonly database: Database,
    private readonly endedAccess: EndedAccess,
    private readonly events: SecurityEvents,
  ) {}

  /** The one that a tenant has registered under a claim `iss`, or null. */
  async find(tenant: string, issuer: string): Promise<RegisteredIssuer | null> {
    const row = await this.database.withTenant(tenant, (manager) =>
      manager.findOneBy(IssuerRow, { tenant, issuer }),
    );
    return row && registered(row);
  }

  /** @throws Failure `auth.unknown_issuer` */
  show(tenant: string, name: string): Promise<Issuer> {
    return this.database.withTenant(
      tenant,
      async (manager) => (await need(manager, tenant, name)).registration,
    );
  }

  /** One more than `limit` where there are more, by name. */
  async list(tenant: string, limit: number, after: string | null): Promise<Issuer[]> {
    const where = { tenant, ...(after === null ? {} : { name: MoreThan(after) }) };
    const rows = await this.database.withTenant(tenant, (manager) =>
      manager.find(IssuerRow, { where, order: { name: 'ASC' }, take: limit + 1 }),
    );
    return rows.map((row) => registered(row).registration);
  }

  /** @throws Failure `auth.issuer_exists` if the name or the claim `iss` is taken */
  async add({ tenant, by }: Administered, registration: Issuer): Promise<void> {
    const { name, issuer } = registration;
    const row = { id: randomUUID(), tenant, name, issuer, registration };
    await this.database.withTenant(tenant, async (manager) => {
      const inserted = await manager
        .createQueryBuilder()
        .insert()
        .into(IssuerRow)
        .values(row)
        .orIgnore()
        .returning('id')
        .execute();
      if ((inserted.raw as unknown[]).length === 0) throw new Failure('auth.issuer_exists');
      await this.record(manager, 'issuer.added', { tenant, by, registration });
    });
  }

  /** @throws Failure `auth.unknown_issuer`, `auth.issuer_exists` */
  async replace({ tenant, by }: Administered, registration: Issuer): Promise<void> {
    const { name, issuer } = registration;
    const ended = await this.database.withTenant(tenant, async (manager) => {
      const { id } = await need(manager, tenant, name);
      if (await manager.existsBy(IssuerRow, { tenant, issuer, id: Not(id) }))
        throw new Failure('auth.issuer_exists');
      await manager.update(IssuerRow, { id }, { id: randomUUID(), issuer, registration });
      await this.record(manager, 'issuer.changed', { tenant, by, registration });
      return this.end(manager, tenant, id);
    });
    this.endedAccess.tell(ended);
  }

  /** @throws Failure `auth.unknown_issuer` */
  async remove({ tenant, by }: Administered, name: string): Promise<void> {
    const ended = await this.database.withTenant(tenant, async (manager) => {
      const { id, registration } = await need(manager, tenant, name);
      await manager.delete(IssuerRow, { id });
      await this.record(manager, 'issuer.removed', { tenant, by, registration });
      return this.end(manager, tenant, id);
    });
    this.endedAccess.tell(ended);
  }

  private record(
    manager: EntityManager,
    kind: string,
    { tenant, by, registration }: Administered & { readonly registration: Issuer },
  ): Promise<void> {
    return this.events.record(manager, { tenant, kind, detail: { by, ...registration } });
  }

  private async end(manager: EntityManager, tenant: string, id: string): Promise<AccessEnded> {
    const ended: AccessEnded = {
      tenant,
      kind: 'grant',
      id,
      before: Math.floor(Date.now() / 1_000) + RACE_SECONDS,
    };
    await this.endedAccess.record(manager, ended);
    return ended;
  }
}

async function need(manager: EntityManager, tenant: string, name: string): Promise<RegisteredIssuer> {
  const row = await manager.findOneBy(IssuerRow, { tenant, name });
  if (!row) throw new Failure('auth.unknown_issuer');
  return registered(row);
}

function registered({ id, tenant, registration }: IssuerRow): RegisteredIssuer {
  return { id, tenant, registration: Issuer.parse(registration) };
}
