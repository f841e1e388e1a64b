import { Injectable } from '@nestjs/common';
import { Failure, IdentityProvider, type StoredIdentityProvider } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { EntityManager } from 'typeorm';
import { endAccess } from '../../people/ended-rights.store.js';
import { PersonRow, TeamMemberRow } from '../../people/people.entity.js';
import { SecurityEvents } from '../../security-events/security-events.store.js';
import { EndedAccess } from '../../tokens/ended-access.store.js';
import { IdentityProviderRow } from '../sso.entity.js';
import { isEnabled, keepAWayIn, listProviders, lockProviders } from '../ways-in.store.js';

export interface ProviderId {
  readonly tenant: string;
  readonly name: string;
}

export interface SaveProvider {
  readonly tenant: string;
  /** `create` refuses a name that is taken, `replace` one that is not. */
  readonly mode: 'create' | 'replace' | 'put';
  readonly provider: IdentityProvider;
  /** A secret to keep, null for none from now on, undefined to leave it as it is. */
  readonly secret: string | null | undefined;
}

/** Who keeps client secrets: see ClientSecrets. Called before the change is committed. */
type KeepSecret = (id: ProviderId, secret: string | null) => Promise<void>;

type Settings = Pick<IdentityProviderRow, 'settings'>;

/** The identity providers of each tenant. */
@Injectable()
export class IdentityProviders {
  constructor(
    private readonly database: Database,
    private readonly events: SecurityEvents,
    private readonly endedAccess: EndedAccess,
  ) {}

  list(tenant: string): Promise<IdentityProviderRow[]> {
    return this.database.withTenant(tenant, (manager) => listProviders(manager, tenant));
  }

  /** Those by which people of a tenant can sign in now. */
  async enabled(tenant: string): Promise<IdentityProviderRow[]> {
    return (await this.list(tenant)).filter(isEnabled);
  }

  /** Those that speak for an e-mail domain: of one tenant, one at most. Null: of all tenants. */
  async speakingFor(domain: string, tenant: string | null): Promise<IdentityProviderRow[]> {
    const rows = await this.database.acrossTenants((manager) =>
      listProviders(manager, ...(tenant === null ? [] : [tenant])),
    );
    return rows.filter((row) => isEnabled(row) && row.settings.domains.includes(domain));
  }

  async find({ tenant, name }: ProviderId): Promise<IdentityProviderRow | null> {
    return this.database.withTenant(tenant, (manager) =>
      manager.findOneBy(IdentityProviderRow, { tenant, name }),
    );
  }

  /** @throws Failure `auth.unknown_identity_provider` */
  async get(id: ProviderId): Promise<IdentityProviderRow> {
    const row = await this.find(id);
    if (!row) throw new Failure('auth.unknown_identity_provider');
    return row;
  }

  /** @throws Failure of `saveIdentityProvider` */
  async save(change: SaveProvider, keep: KeepSecret): Promise<IdentityProviderRow> {
    const [row] = await this.saveAll(change.tenant, [change], keep);
    return row as IdentityProviderRow;
  }

  /**
   * All of them or none, judged as they are together afterwards.
   *
   * @throws Failure of `saveIdentityProvider`
   */
  async saveAll(
    tenant: string,
    changes: readonly SaveProvider[],
    keep: KeepSecret,
  ): Promise<IdentityProviderRow[]> {
    return this.database.withTenant(tenant, async (manager) => {
      const rows = await lockProviders(manager, tenant);
      for (const change of changes) await judge({ manager, rows }, change, changes);
      const saved: IdentityProviderRow[] = [];
      for (const change of changes) saved.push(await this.write(manager, rows, change));
      for (const { provider, secret } of changes)
        if (secret !== undefined) await keep({ tenant, name: provider.name }, secret);
      return saved;
    });
  }

  /** Throws what {@link saveAll} would throw for one of its changes; writes nothing. */
  async check(change: SaveProvider, changes: readonly SaveProvider[]): Promise<void> {
    await this.database.withTenant(change.tenant, async (manager) =>
      judge({ manager, rows: await listProviders(manager, change.tenant) }, change, changes),
    );
  }

  private async write(
    manager: EntityManager,
    rows: readonly IdentityProviderRow[],
    { tenant, provider, secret }: SaveProvider,
  ): Promise<IdentityProviderRow> {
    const { name, issuer } = provider;
    const before = rows.find((row) => row.name === name);
    const row = await manager.save(IdentityProviderRow, {
      ...{ tenant, name, settings: provider },
      hasClientSecret: secret === undefined ? (before?.hasClientSecret ?? false) : secret !== null,
      // Set even if nothing else has changed: whoever caches by it looks again.
      updated: new Date(),
    });
    const kind = before ? 'identity_provider.changed' : 'identity_provider.added';
    await this.events.record(manager, { tenant, kind, detail: { provider: name, issuer } });
    return { ...before, ...row };
  }

  /**
   * Whoever was linked to the provider is signed out everywhere, and the memberships that it kept are gone.
   *
   * @throws Failure `auth.unknown_identity_provider`, `auth.last_way_in`
   */
  async delete({ tenant, name }: ProviderId, forgetSecret: () => Promise<void>): Promise<void> {
    const ended = await this.database.withTenant(tenant, async (manager) => {
      const rows = await lockProviders(manager, tenant);
      const others = rows.filter((row) => row.name !== name);
      if (others.length === rows.length) throw new Failure('auth.unknown_identity_provider');
      await keepAWayIn(manager, tenant, others);
      const people = await lockLinked(manager, { tenant, name });
      await manager.delete(TeamMemberRow, { tenant, source: `idp:${name}` });
      await manager.delete(IdentityProviderRow, { tenant, name });
      const kind = 'identity_provider.removed';
      await this.events.record(manager, { tenant, kind, detail: { provider: name, people: people.length } });
      await forgetSecret();
      return endAccess(manager, this.endedAccess, { people, loss: 'sign-ins' });
    });
    this.endedAccess.tell(...ended);
  }
}

/** Whether a provider may become what a change makes of it, beside all the others of its tenant. */
async function judge(
  now: { readonly manager: EntityManager; readonly rows: readonly IdentityProviderRow[] },
  { tenant, mode, provider, secret }: SaveProvider,
  changes: readonly SaveProvider[],
): Promise<void> {
  const before = now.rows.find(({ name }) => name === provider.name);
  if (before && mode === 'create') throw new Failure('auth.identity_provider_exists');
  if (!before && mode === 'replace') throw new Failure('auth.unknown_identity_provider');
  const changed = new Set(changes.map((change) => change.provider.name));
  const others: Settings[] = [
    ...now.rows.filter(({ name }) => !changed.has(name)),
    ...changes
      .filter((change) => change.provider.name !== provider.name)
      .map((change) => ({ settings: change.provider })),
  ];
  refuseClash(provider, others);
  if (secret === undefined && before?.hasClientSecret) keepSecretAtHome(before, provider);
  if (!provider.enabled) await keepAWayIn(now.manager, tenant, others);
}

function lockLinked(manager: EntityManager, { tenant, name }: ProviderId): Promise<PersonRow[]> {
  return manager
    .createQueryBuilder(PersonRow, 'person')
    .where('person.tenant = :tenant', { tenant })
    .andWhere(
      'person.id IN (SELECT person FROM person_identity WHERE tenant = :tenant AND provider = :name)',
      {
        name,
      },
    )
    .orderBy('person.id')
    .setLock('pessimistic_write')
    .getMany();
}

/** As the admin API shows it. */
export function shownProvider(row: IdentityProviderRow): StoredIdentityProvider {
  const { settings, hasClientSecret, created, updated } = row;
  return {
    ...IdentityProvider.parse(settings),
    has_client_secret: hasClientSecret,
    created: created.toISOString(),
    updated: updated.toISOString(),
  };
}

export function displayName({ settings }: IdentityProviderRow): string {
  return settings.display_name ?? settings.name;
}

/** A secret that was given for one issuer is never sent to another. @throws Failure `api.invalid_request` */
function keepSecretAtHome({ settings }: IdentityProviderRow, { issuer }: IdentityProvider): void {
  if (settings.issuer !== issuer)
    throw new Failure(
      'api.invalid_request',
      'client_secret: give it anew with another issuer, or null for none',
    );
}

/** An e-mail domain leads to one provider; and equal groups of two providers never become one team by their prefixes. */
function refuseClash(provider: IdentityProvider, others: readonly Settings[]): void {
  for (const { settings: other } of others) {
    const domain =
      other.enabled && provider.enabled && other.domains.find((one) => provider.domains.includes(one));
    if (domain)
      throw new Failure('auth.identity_provider_clash', `${other.name} speaks for ${domain} already`);
    const [one, two] = [provider.team_prefix, other.team_prefix];
    if (one !== undefined && two !== undefined && (one.startsWith(two) || two.startsWith(one)))
      throw new Failure(
        'auth.identity_provider_clash',
        `team_prefix ${one} and ${two} of ${other.name} could name the same team`,
      );
  }
}
