import { Injectable } from '@nestjs/common';
import { Failure, TOKEN_PREFIX } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { MoreThan, type EntityManager } from 'typeorm';
import { digest, opaqueSecret } from '../../opaque-secret.js';
import { SecurityEvents } from '../../security-events/security-events.store.js';
import { PasswordLinkRow, PersonRow } from '../people.entity.js';
import { hashPassword } from '../passwords.js';
import { Roster, type PersonId } from '../roster.store.js';

/** An invitation is read after a holiday too; its address is a secret of 256 bits. */
const LINK_LIFETIME_MS = 7 * 24 * 3_600_000;

/** One-time links by which people choose their password: the first one, or a new one. */
@Injectable()
export class PasswordLinks {
  constructor(
    private readonly database: Database,
    private readonly roster: Roster,
    private readonly events: SecurityEvents,
  ) {}

  /** A link's token, never used before. */
  static newToken(): string {
    return opaqueSecret(TOKEN_PREFIX.passwordLink);
  }

  /** Keeps a link for a person, and forgets those before. @throws Failure `auth.unknown_person` */
  async add(token: string, { tenant, id: person }: PersonId, by: string): Promise<void> {
    await this.database.withTenant(tenant, async (manager) => {
      if (!(await manager.existsBy(PersonRow, { tenant, id: person })))
        throw new Failure('auth.unknown_person');
      await manager.delete(PasswordLinkRow, { tenant, person });
      const expires = new Date(Date.now() + LINK_LIFETIME_MS);
      await manager.insert(PasswordLinkRow, { hash: digest(token), tenant, person, expires });
      await this.events.record(manager, {
        ...{ tenant, kind: 'password_link.created', subject: person },
        detail: { by },
      });
    });
  }

  /** Whose password a token can still set; null for one that cannot be used, or a person who is suspended. */
  async owner(token: string): Promise<(PersonId & { readonly email: string }) | null> {
    return this.database.acrossTenants(async (manager) => {
      const link = await findLink(manager, token);
      const where = { id: link?.person ?? '', suspended: false };
      const person = link && (await manager.findOneBy(PersonRow, where));
      return person && { tenant: person.tenant, id: person.id, email: person.email };
    });
  }

  /** Uses up a token. Returns false if it cannot be used any more. */
  async finish(token: string, password: string): Promise<boolean> {
    const owner = await this.owner(token);
    if (!owner) return false;
    try {
      await this.roster.setPassword(owner, await hashPassword(password), async (manager, person) => {
        // The link's own row is deleted by one of two racing requests only.
        const { affected } = await manager.delete(PasswordLinkRow, { hash: digest(token), person: owner.id });
        if (affected !== 1 || person.suspended) throw new Failure('auth.unknown_token');
      });
    } catch (error) {
      if (error instanceof Failure && error.row.http !== 503) return false;
      throw error;
    }
    return true;
  }
}

function findLink(manager: EntityManager, token: string): Promise<PasswordLinkRow | null> {
  return manager.findOneBy(PasswordLinkRow, { hash: digest(token), expires: MoreThan(new Date()) });
}
