import { Injectable } from '@nestjs/common';
import { Failure, type AccessEnded } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { IsNull } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { findPerson, type Person } from '../people/people.store.js';
import { EndedAccess } from './ended-access.store.js';
import { PersonalAccessTokenRow } from './tokens.entity.js';

interface Owned {
  readonly tenant: string;
  readonly person: string;
}

@Injectable()
export class PersonalAccessTokens {
  constructor(
    private readonly database: Database,
    private readonly endedAccess: EndedAccess,
  ) {}

  /** @throws Failure `auth.unknown_person` if nobody of that tenant can have it */
  async add(token: PersonalAccessTokenRow): Promise<void> {
    const { tenant, person } = token;
    await this.database.withTenant(tenant, async (manager) => {
      const owner = isUuid(person) ? await findPerson(manager, { id: person, tenant }) : null;
      if (!owner) throw new Failure('auth.unknown_person');
      await manager.insert(PersonalAccessTokenRow, token);
    });
  }

  /** A token that still counts, and its owner, by the token's hash; null if there is none. */
  async find(hash: string): Promise<{ token: PersonalAccessTokenRow; person: Person } | null> {
    return this.database.acrossTenants(async (manager) => {
      const token = await manager.findOneBy(PersonalAccessTokenRow, { hash, revoked: IsNull() });
      if (!token || (token.expires && token.expires <= new Date())) return null;
      const person = await findPerson(manager, { id: token.person });
      return person && { token, person };
    });
  }

  /** A person's tokens, newest first, the expired ones too. */
  async list({ tenant, person }: Owned): Promise<PersonalAccessTokenRow[]> {
    if (!isUuid(person)) return [];
    const where = { tenant, person, revoked: IsNull() };
    return this.database.withTenant(tenant, (manager) =>
      manager.find(PersonalAccessTokenRow, { where, order: { created: 'DESC' } }),
    );
  }

  /**
   * Ends a token, on every edge.
   *
   * @throws Failure `auth.unknown_token` if it is not that person's, or over already
   */
  async revoke({ tenant, person, id }: Owned & { readonly id: string }): Promise<void> {
    if (!isUuid(id) || !isUuid(person)) throw new Failure('auth.unknown_token');
    const now = new Date();
    const ended: AccessEnded = { tenant, kind: 'token', id, before: Math.floor(now.getTime() / 1_000) };
    await this.database.withTenant(tenant, async (manager) => {
      const mine = { id, tenant, person, revoked: IsNull() };
      const { affected } = await manager.update(PersonalAccessTokenRow, mine, { revoked: now });
      if (affected !== 1) throw new Failure('auth.unknown_token');
      await this.endedAccess.record(manager, ended);
    });
    this.endedAccess.tell(ended);
  }

  async noteUse({ id, tenant }: PersonalAccessTokenRow): Promise<void> {
    await this.database.withTenant(tenant, (manager) =>
      manager.update(PersonalAccessTokenRow, { id }, { lastUsed: new Date() }),
    );
  }
}
