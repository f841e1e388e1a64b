import { Injectable } from '@nestjs/common';
import type { ServiceAccountManifest } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { In } from 'typeorm';
import { ServiceAccountRow } from '../machines/machines.entity.js';
import { needAccount, ServiceAccounts, type ServiceAccount } from '../machines/service-accounts.store.js';
import { TeamRow } from '../people/people.entity.js';
import type { AccessKind, Judged, Scope } from './access-kind.js';

/** Service accounts as manifests describe them: tokens, clients and suspension are none of theirs. */
@Injectable()
export class ServiceAccountManifests implements AccessKind<ServiceAccountManifest> {
  constructor(
    private readonly database: Database,
    private readonly accounts: ServiceAccounts,
  ) {}

  async judge(scope: Scope, manifest: ServiceAccountManifest): Promise<Judged> {
    const { type, name } = manifest;
    const account = await this.find(scope.tenant, name);
    const before = account && { type, name, ...comparable(account) };
    const after = { type, name, ...comparable(manifest) };
    const [team] = await this.unknownTeams(scope, manifest);
    return {
      change: { before, after, newSecret: false },
      fault: team === undefined ? null : `teams[${manifest.teams.indexOf(team)}]: there is no team ${team}`,
    };
  }

  async apply({ tenant, by }: Scope, manifests: readonly ServiceAccountManifest[]): Promise<void> {
    for (const { name, description, teams, roles } of manifests) {
      const named = { tenant, name, by };
      const settings = { description, teams, roles };
      if (await this.find(tenant, name)) await this.accounts.change(named, settings);
      else await this.accounts.add(named, { ...settings, clients: [], suspended: false });
    }
  }

  private find(tenant: string, name: string): Promise<ServiceAccount | null> {
    return this.database.withTenant(tenant, async (manager) =>
      (await manager.existsBy(ServiceAccountRow, { tenant, name }))
        ? needAccount(manager, { tenant, name })
        : null,
    );
  }

  /** Those that are not there, and that no other document makes. */
  private async unknownTeams(
    { tenant, manifests }: Scope,
    { teams }: ServiceAccountManifest,
  ): Promise<string[]> {
    const rows = await this.database.withTenant(tenant, (manager) =>
      manager.findBy(TeamRow, { tenant, name: In(teams) }),
    );
    const made = manifests.filter(({ type }) => type === 'team');
    const known = new Set([...rows, ...made].map(({ name }) => name));
    return teams.filter((team) => !known.has(team));
  }
}

type Described = Pick<ServiceAccount, 'description' | 'teams' | 'roles'>;

/** The order of teams and roles means nothing. */
function comparable({ description, teams, roles }: Described): Described {
  return { description, teams: [...teams].sort(), roles: [...roles].sort() };
}
