import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/persistence';
import { Log } from '../log.js';
import { Roster } from '../people/roster.store.js';
import { SecurityEvents } from '../security-events/security-events.store.js';
import { LinkedPeople } from './linked-people.store.js';
import type { RefusalReason, SignInRefused } from './sign-in-refused.js';
import type { IdentityProviderRow } from './sso.entity.js';

/** The provider no longer lets the person in, so we do not either. */
const ENDS_ACCESS: ReadonlySet<RefusalReason> = new Set([
  'refused_by_provider',
  'not_in_allowed_groups',
  'email_unverified',
  'other_domain',
]);

/** The browser in which a sign-in was refused. */
export interface RefusedBrowser {
  /** Who was signed in there before, if anybody. */
  readonly person: string | undefined;
  readonly client: string;
}

/** What follows when a provider does not sign somebody in. */
@Injectable()
export class RefusedSignIns {
  constructor(
    private readonly database: Database,
    private readonly events: SecurityEvents,
    private readonly people: LinkedPeople,
    private readonly roster: Roster,
    private readonly log: Log,
  ) {}

  /** @returns whether the access of a person was ended */
  async settle(refused: SignInRefused, row: IdentityProviderRow, browser: RefusedBrowser): Promise<boolean> {
    const { reason, why } = refused;
    const { tenant, name } = row;
    if (reason === 'unavailable') {
      this.log.warn({ tenant, provider: name, why }, 'an identity provider cannot be reached');
      return false;
    }
    const subject = await this.whoIs(refused, row, browser);
    await this.database.withTenant(tenant, (manager) =>
      this.events.record(manager, {
        ...{ tenant, kind: 'sign_in.refused', subject, client: browser.client },
        detail: { provider: name, reason, why },
      }),
    );
    if (subject === null || !ENDS_ACCESS.has(reason)) return false;
    const by = `idp:${name}` as const;
    await this.roster.setTeams({ tenant, id: subject }, by, []);
    await this.roster.signOut({ tenant, id: subject }, { tokens: true }, by);
    return true;
  }

  /**
   * By the provider's signature; or, where it sent back an error instead, whoever was signed in by it in this very
   * browser: an e-mail address that somebody has typed says nothing.
   */
  private async whoIs(
    { subject, reason }: SignInRefused,
    row: IdentityProviderRow,
    { person }: RefusedBrowser,
  ): Promise<string | null> {
    if (subject !== undefined) return (await this.people.find(row, subject))?.id ?? null;
    if (reason !== 'refused_by_provider' || person === undefined) return null;
    return (await this.people.isLinked(row, person)) ? person : null;
  }
}
