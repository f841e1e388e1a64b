import { Bus } from '@gatehouse/bus';
import { Failure, snapshotPublished, type Change } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { In, type EntityManager } from 'typeorm';
import type { z } from 'zod';
import { credentialOf, withoutSecrets, type RemoteServer } from '../manifests/remote-server.js';
import { DeletedServerRow } from './deleted-server.entity.js';
import { planSteps, type Step } from './plan.js';
import { ServerRow } from './server.entity.js';
import { VaultCredentials } from './vault-credentials.js';

/**
 * The catalogue of servers, and with it the credentials in the vault.
 *
 * Two stores cannot commit together. Whatever dies in between, no credential may meet a URL it was not given for:
 * 1. in the transaction, the vault forgets credentials that the new catalogue must not find, and takes those of
 *    servers that are new or stay at their URL;
 * 2. the catalogue commits;
 * 3. the vault takes the credentials of servers that moved, if nobody has changed these servers since.
 * A server that moves has no credential in between, and calls fail. Applying again mends whatever was left undone.
 */
export class Catalogue {
  constructor(
    private readonly database: Database,
    private readonly vault: VaultCredentials,
    private readonly bus: Bus,
    private readonly callsPerMinute: number,
  ) {}

  /**
   * Creates and updates servers, all or none of them.
   *
   * @throws Failure `policy.version_conflict`; or the vault's or the bus's, where the vault could not be asked
   */
  async apply(
    tenant: string,
    manifests: readonly RemoteServer[],
    dryRun: boolean,
  ): Promise<Array<z.output<typeof Change>>> {
    const { steps, version } = await this.database.withTenant(tenant, async (manager) => {
      if (!dryRun) await this.lock(manager, tenant);
      const planned = await planSteps({ manager, tenant, vault: this.vault }, manifests);
      const changed = planned.filter(({ change }) => change.action !== 'none');
      if (dryRun || changed.length === 0) return { steps: planned, version: null };
      await this.changeCredentials(tenant, changed);
      return { steps: planned, version: await this.save(manager, tenant, changed) };
    });
    if (version !== null) {
      this.bus.publish(snapshotPublished, { tenant, version });
      await this.putMovedCredentials(tenant, steps.filter(isMoved), version);
    }
    return steps.map(({ change }) => change);
  }

  /** Applies those manifests whose servers are not there and were not deleted on purpose. */
  async seed(tenant: string, manifests: readonly RemoteServer[]): Promise<void> {
    const known = await this.database.withTenant(tenant, async (manager) => {
      const ours = { tenant, name: In(manifests.map(({ name }) => name)) };
      const rows = [
        await manager.findBy(ServerRow, ours),
        await manager.findBy(DeletedServerRow, ours),
      ].flat();
      return new Set(rows.map(({ name }) => name));
    });
    const missing = manifests.filter(({ name }) => !known.has(name));
    if (missing.length > 0) await this.apply(tenant, missing, false);
  }

  /** @throws Failure `policy.unknown_server`, `policy.version_conflict` */
  async remove(tenant: string, name: string): Promise<void> {
    const version = await this.database.withTenant(tenant, async (manager) => {
      await this.lock(manager, tenant);
      const server = await manager.findOneBy(ServerRow, { tenant, name });
      if (server === null) throw new Failure('policy.unknown_server');
      if (credentialOf(server.manifest) !== null) await this.vault.withdraw(tenant, name);
      await manager.delete(ServerRow, { tenant, name });
      await manager.upsert(DeletedServerRow, { tenant, name }, ['tenant', 'name']);
      return raise(manager, tenant);
    });
    this.bus.publish(snapshotPublished, { tenant, version });
  }

  /** Makes a tenant known that has no server yet: its snapshot denies everything. */
  async open(tenant: string): Promise<void> {
    await this.database.withTenant(tenant, (manager) => this.ensure(manager, tenant));
  }

  /** Puts the limit of this process's configuration in force for every tenant. */
  async setLimit(): Promise<void> {
    const [changed]: [Array<{ tenant: string; version: number }>, number] = await this.database.acrossTenants(
      (manager) =>
        manager.query(
          `update catalogue set calls_per_minute = $1, version = version + 1
            where calls_per_minute <> $1 returning tenant, version`,
          [this.callsPerMinute],
        ),
    );
    for (const { tenant, version } of changed) this.bus.publish(snapshotPublished, { tenant, version });
  }

  private async save(manager: EntityManager, tenant: string, steps: readonly Step[]): Promise<number> {
    const version = await raise(manager, tenant);
    const updated = new Date();
    const rows = steps.map(({ manifest, before }) => ({
      tenant,
      name: manifest.name,
      manifest: withoutSecrets(manifest),
      version,
      created: before?.created ?? updated,
      updated,
    }));
    for (let first = 0; first < rows.length; first += 500)
      await manager.upsert(ServerRow, rows.slice(first, first + 500), ['tenant', 'name']);
    return version;
  }

  private async changeCredentials(tenant: string, steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      const { manifest, newCredential } = step;
      if (losesCredential(step)) await this.vault.withdraw(tenant, manifest.name);
      else if (newCredential) await this.vault.put({ tenant, server: manifest.name, headers: newCredential });
    }
  }

  /** Under the lock, and only where our change is still the last: else our credential could meet another's URL. */
  private async putMovedCredentials(tenant: string, steps: readonly Step[], version: number): Promise<void> {
    if (steps.length === 0) return;
    await this.database.withTenant(tenant, async (manager) => {
      await this.lock(manager, tenant);
      const ours = new Set((await manager.findBy(ServerRow, { tenant, version })).map(({ name }) => name));
      for (const { manifest, newCredential } of steps) {
        if (!ours.has(manifest.name)) throw new Failure('policy.version_conflict');
        await this.vault.put({ tenant, server: manifest.name, headers: newCredential ?? {} });
      }
    });
  }

  /** Until the transaction ends nobody else changes this tenant's catalogue. */
  private async lock(manager: EntityManager, tenant: string): Promise<void> {
    await manager.query(`set local lock_timeout = '10s'`);
    try {
      await this.ensure(manager, tenant);
      await manager.query('select from catalogue where tenant = $1 for update', [tenant]);
    } catch (error) {
      if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
      throw new Failure('policy.version_conflict', undefined, { cause: error });
    }
  }

  private async ensure(manager: EntityManager, tenant: string): Promise<void> {
    await manager.query(
      'insert into catalogue (tenant, version, calls_per_minute) values ($1, 1, $2) on conflict do nothing',
      [tenant, this.callsPerMinute],
    );
  }
}

/** SQLSTATE */
const LOCK_NOT_AVAILABLE = '55P03';

async function raise(manager: EntityManager, tenant: string): Promise<number> {
  const [rows]: [Array<{ version: number }>, number] = await manager.query(
    'update catalogue set version = version + 1 where tenant = $1 returning version',
    [tenant],
  );
  return rows[0]?.version ?? 0;
}

/** Whether what the vault holds must be gone before the change is in force. */
function losesCredential(step: Step): boolean {
  return isMoved(step) || (hadCredential(step) && credentialOf(step.manifest) === null);
}

/** Whether a server that has a credential goes to another URL with another credential. */
function isMoved(step: Step): boolean {
  const { before, manifest, newCredential } = step;
  return hadCredential(step) && newCredential !== null && before?.manifest.url !== manifest.url;
}

function hadCredential({ before }: Step): boolean {
  return before !== null && credentialOf(before.manifest) !== null;
}
