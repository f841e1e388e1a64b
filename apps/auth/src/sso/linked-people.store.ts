import { Injectable } from '@nestjs/common';
import { Failure } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { EntityManager } from 'typeorm';
import { PersonRow } from '../people/people.entity.js';
import { findPerson, type Person } from '../people/people.store.js';
import { Roster } from '../people/roster.store.js';
import { SecurityEvents } from '../security-events/security-events.store.js';
import { domainOf, type Profile } from './claims/profile.js';
import { SignInRefused } from './sign-in-refused.js';
import { PersonIdentityRow, type IdentityProviderRow } from './sso.entity.js';

/** Which of our people somebody at a provider is. */
@Injectable()
export class LinkedPeople {
  constructor(
    private readonly database: Database,
    private readonly roster: Roster,
    private readonly events: SecurityEvents,
  ) {}

  /** Whoever is linked to an identity, suspended or not. */
  async find(provider: IdentityProviderRow, subject: string): Promise<PersonRow | null> {
    return this.database.withTenant(provider.tenant, (manager) => findLinked(manager, provider, subject));
  }

  /** Whether a person has ever come by a provider. */
  async isLinked(provider: IdentityProviderRow, person: string): Promise<boolean> {
    const { tenant, name } = provider;
    return this.database.withTenant(tenant, (manager) =>
      manager.existsBy(PersonIdentityRow, { tenant, provider: name, person }),
    );
  }

  /**
   * The person behind an identity, with the teams that the provider gives them; made or linked the first time.
   *
   * @throws SignInRefused `suspended`, `email_taken`
   */
  async signIn(provider: IdentityProviderRow, profile: Profile, teams: readonly string[]): Promise<Person> {
    const row = (await this.find(provider, profile.subject)) ?? (await this.link(provider, profile));
    if (row.suspended) throw new SignInRefused('suspended');
    const who = { tenant: row.tenant, id: row.id };
    await this.follow(row, profile);
    await this.roster.setTeams(who, `idp:${provider.name}`, teams);
    return this.database.withTenant(row.tenant, async (manager) => {
      await manager.update(PersonRow, who, { lastSignIn: new Date() });
      const person = await findPerson(manager, who);
      if (!person) throw new SignInRefused('suspended');
      return person;
    });
  }

  /** The first time: to a new account, or to the one with that e-mail address, if that may be. */
  private async link(provider: IdentityProviderRow, profile: Profile): Promise<PersonRow> {
    const { tenant } = provider;
    const { email, name } = profile;
    const link = (manager: EntityManager, id: string) => this.insert(manager, { provider, profile }, id);
    await this.roster.add({ tenant, email, name }, `idp:${provider.name}`, link).catch((error: unknown) => {
      if (!isTaken(error)) throw error;
    });
    return this.database.withTenant(tenant, async (manager) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const row = await manager.findOne(PersonRow, { where: { tenant, email }, lock });
      if (!row) throw new SignInRefused('email_taken', 'the account was removed meanwhile');
      if (await findLinked(manager, provider, profile.subject)) return row;
      await requireLinkable(manager, row, { provider, profile });
      await this.insert(manager, { provider, profile }, row.id);
      return row;
    });
  }

  private async insert(
    manager: EntityManager,
    { provider, profile }: { provider: IdentityProviderRow; profile: Profile },
    person: string,
  ): Promise<void> {
    const { tenant, name, settings } = provider;
    const identity = { tenant, provider: name, issuer: settings.issuer, subject: profile.subject };
    await manager.insert(PersonIdentityRow, { ...identity, person });
    const event = { tenant, kind: 'person.linked', subject: person, detail: { provider: name } };
    await this.events.record(manager, event);
  }

  /** What the provider says anew about a person whom we know. An address that is another's stays away. */
  private async follow(row: PersonRow, { email, name }: Profile): Promise<void> {
    const who = { tenant: row.tenant, id: row.id };
    if (name !== row.name) await this.roster.update(who, { name });
    if (email === row.email) return;
    await this.roster.update(who, { email }).catch((error: unknown) => {
      if (!isTaken(error)) throw error;
    });
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Failure && error.code === 'auth.person_exists';
}

async function findLinked(
  manager: EntityManager,
  { tenant, name, settings }: IdentityProviderRow,
  subject: string,
): Promise<PersonRow | null> {
  const identity = { tenant, provider: name, issuer: settings.issuer, subject };
  const link = await manager.findOneBy(PersonIdentityRow, identity);
  return link && manager.findOneBy(PersonRow, { tenant, id: link.person });
}

/**
 * An account is linked by its e-mail address only for a provider that speaks for the domain. An account that somebody
 * uses, or an administrator's, needs the provider's word, too, that the address is the person's own; for one that was
 * only provisioned, as by SCIM, the domain is enough.
 */
async function requireLinkable(
  manager: EntityManager,
  row: PersonRow,
  by: { provider: IdentityProviderRow; profile: Profile },
): Promise<void> {
  const { provider, profile } = by;
  const identities = await manager.countBy(PersonIdentityRow, { tenant: row.tenant, person: row.id });
  const unused = identities === 0 && row.passwordHash === null && row.lastSignIn === null && !row.admin;
  const ours = provider.settings.domains.includes(domainOf(row.email));
  if (!ours || !(unused || profile.emailVerified === true))
    throw new SignInRefused('email_taken', `${provider.name} may not link ${row.id} by its e-mail address`);
}
