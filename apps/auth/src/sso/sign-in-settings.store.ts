import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/persistence';
import { TenantRow } from '../people/people.entity.js';
import { SecurityEvents } from '../security-events/security-events.store.js';
import { SignInSettingRow } from './sso.entity.js';
import { keepAWayIn, localAccountsOf, lockProviders } from './ways-in.store.js';

/** How the people of a tenant may sign in. */
@Injectable()
export class SignInSettings {
  constructor(
    private readonly database: Database,
    private readonly events: SecurityEvents,
    /** The operator's way in when no provider works: AUTH_LOCAL_ACCOUNTS. */
    private readonly alwaysOn: boolean,
  ) {}

  /** Whether passwords of ours are good in a tenant; they are in one that does not exist. */
  async localAccounts(tenant: string): Promise<boolean> {
    return this.alwaysOn || this.stored(tenant);
  }

  /** What the administrators of a tenant have chosen. */
  stored(tenant: string): Promise<boolean> {
    return this.database.withTenant(tenant, (manager) => localAccountsOf(manager, tenant));
  }

  /** @throws Failure `auth.last_way_in` if nobody could sign in any more */
  async setLocalAccounts(tenant: string, localAccounts: boolean): Promise<void> {
    await this.database.withTenant(tenant, async (manager) => {
      const providers = await lockProviders(manager, tenant);
      await manager.upsert(SignInSettingRow, { tenant, localAccounts }, ['tenant']);
      await keepAWayIn(manager, tenant, providers);
      const kind = localAccounts ? 'local_accounts.switched_on' : 'local_accounts.switched_off';
      await this.events.record(manager, { tenant, kind });
    });
  }

  /** The tenant of an installation that has just one. */
  async onlyTenant(): Promise<string | null> {
    const [first, ...others] = await this.database.acrossTenants((manager) =>
      manager.find(TenantRow, { take: 2 }),
    );
    return others.length === 0 ? (first?.name ?? null) : null;
  }
}
