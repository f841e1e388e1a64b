import { Injectable } from '@nestjs/common';
import type { Resource } from '../oidc/requests/resource.js';
import type { Person } from '../people/people.store.js';
import { domainOf } from './claims/profile.js';
import { IdentityProviders } from './providers/identity-providers.store.js';
import { SignInSettings } from './sign-in-settings.store.js';
import type { IdentityProviderRow } from './sso.entity.js';

export interface Offered {
  /** Null: nothing says yet to which organisation the person belongs. */
  readonly tenant: string | null;
  readonly passwords: boolean;
  readonly providers: readonly IdentityProviderRow[];
}

/** By which ways people may sign in to be given a token for a resource. */
@Injectable()
export class WaysIn {
  constructor(
    private readonly providers: IdentityProviders,
    private readonly settings: SignInSettings,
  ) {}

  /** The tenant follows from the server, or is the only one; providers of other tenants are shown to nobody. */
  async offered(resource: Resource): Promise<Offered> {
    const tenant = resource.kind === 'server' ? resource.tenant : await this.settings.onlyTenant();
    if (tenant === null) return { tenant, passwords: true, providers: [] };
    const passwords = await this.settings.localAccounts(tenant);
    return { tenant, passwords, providers: await this.providers.enabled(tenant) };
  }

  /** The providers that speak for the domain of an e-mail address. */
  async speakingFor(email: string, { tenant }: Offered): Promise<IdentityProviderRow[]> {
    return email.includes('@') ? this.providers.speakingFor(domainOf(email.trim()), tenant) : [];
  }

  /** Those of people who may come by a password. */
  async withPassword(people: readonly Person[]): Promise<Person[]> {
    const allowed = await Promise.all(people.map(({ tenant }) => this.settings.localAccounts(tenant)));
    return people.filter((_, i) => allowed[i]);
  }
}
