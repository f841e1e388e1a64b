import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { TOKEN_PREFIX } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { MoreThan, type EntityManager } from 'typeorm';
import { digest, opaqueSecret } from '../opaque-secret.js';
import { PersonRow, SetupLinkRow, TenantRow } from './people.entity.js';
import { hashPassword } from './passwords.js';

const LINK_LIFETIME_MS = 24 * 3_600_000;

export interface FirstAdmin {
  readonly email: string;
  readonly password: string;
}

/** Makes the first tenant and its first administrator. */
@Injectable()
export class Setup {
  constructor(private readonly database: Database) {}

  /**
   * Makes the tenant, and the administrator if one is given; never changes a password that is there.
   *
   * @returns a one-time token with which the first administrator can be made, if there is none; else null
   */
  async prepare(tenant: string, admin: FirstAdmin | null): Promise<string | null> {
    return this.database.acrossTenants(async (manager) => {
      await manager.upsert(TenantRow, { name: tenant }, ['name']);
      if (admin) await makeAdmin(manager, tenant, admin);
      if (await hasAdmin(manager, tenant)) return null;
      const token = opaqueSecret(TOKEN_PREFIX.setup);
      const expires = new Date(Date.now() + LINK_LIFETIME_MS);
      await manager.insert(SetupLinkRow, { hash: digest(token), tenant, expires });
      return token;
    });
  }

  /** True while a token can still be used. */
  async accepts(token: string): Promise<boolean> {
    return this.database.acrossTenants(async (manager) => (await findLink(manager, token)) !== null);
  }

  /** Uses up a token. Returns false if it cannot be used any more. */
  async finish(token: string, admin: FirstAdmin): Promise<boolean> {
    return this.database.acrossTenants(async (manager) => {
      const link = await findLink(manager, token);
      if (!link) return false;
      // The link's own row is deleted by one of two racing requests only.
      const { affected } = await manager.delete(SetupLinkRow, { hash: link.hash });
      if (affected !== 1 || (await hasAdmin(manager, link.tenant))) return false;
      await manager.delete(SetupLinkRow, { tenant: link.tenant });
      await makeAdmin(manager, link.tenant, admin);
      return true;
    });
  }
}

function findLink(manager: EntityManager, token: string): Promise<SetupLinkRow | null> {
  return manager.findOneBy(SetupLinkRow, { hash: digest(token), expires: MoreThan(new Date()) });
}

async function hasAdmin(manager: EntityManager, tenant: string): Promise<boolean> {
  return manager.existsBy(PersonRow, { tenant, admin: true, suspended: false });
}

async function makeAdmin(manager: EntityManager, tenant: string, admin: FirstAdmin): Promise<void> {
  const email = admin.email.trim().toLowerCase();
  const known = await manager.findOneBy(PersonRow, { tenant, email });
  await manager.save(PersonRow, {
    id: known?.id ?? randomUUID(),
    tenant,
    email,
    name: known?.name ?? email,
    admin: true,
    passwordHash: known?.passwordHash ?? (await hashPassword(admin.password)),
    suspended: known?.suspended ?? false,
  });
}
