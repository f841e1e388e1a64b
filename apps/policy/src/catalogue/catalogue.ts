import { Bus } from '@gatehouse/bus';
import { Failure, snapshotPublished, type Change } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { z } from 'zod';
import { credentialOf, withoutSecrets, type RemoteServer } from '../manifests/remote-server.js';
import { CatalogueStore } from './catalogue.store.js';
import { planSteps, type Step } from './plan.js';
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
    const { steps, version } = await this.within(tenant, async (store) => {
      if (!dryRun) await this.lock(store);
      const planned = await planSteps({ store, tenant, vault: this.vault }, manifests);
      const changed = planned.filter(({ change }) => change.action !== 'none');
      if (dryRun || changed.length === 0) return { steps: planned, version: null };
      await this.changeCredentials(tenant, changed);
      return { steps: planned, version: await save(store, changed) };
    });
    if (version !== null) {
      this.bus.publish(snapshotPublished, { tenant, version });
      await this.putMovedCredentials(tenant, steps.filter(isMoved), version);
    }
    return steps.map(({ change }) => change);
  }

  /** Applies those manifests whose servers are not there and were not deleted on purpose. */
  async seed(tenant: string, manifests: readonly RemoteServer[]): Promise<void> {
    const names = manifests.map(({ name }) => name);
    const known = await this.within(tenant, async (store) => {
      const rows = [...(await store.findAll(names)), ...(await store.deleted(names))];
      return new Set(rows.map(({ name }) => name));
    });
    const missing = manifests.filter(({ name }) => !known.has(name));
    if (missing.length > 0) await this.apply(tenant, missing, false);
  }

  /** @throws Failure `policy.unknown_server`, `policy.version_conflict` */
  async remove(tenant: string, name: string): Promise<void> {
    const version = await this.within(tenant, async (store) => {
      await store.lock();
      const server = await store.find(name);
      if (server === null) throw new Failure('policy.unknown_server');
      if (credentialOf(server.manifest) !== null) await this.vault.withdraw(tenant, name);
      await store.delete(name);
      return store.raiseVersion();
    });
    this.bus.publish(snapshotPublished, { tenant, version });
  }

  /** Makes a tenant known that has no server yet: its snapshot denies everything. */
  async open(tenant: string): Promise<void> {
    await this.within(tenant, (store) => store.open(this.callsPerMinute));
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

  private within<T>(tenant: string, work: (store: CatalogueStore) => Promise<T>): Promise<T> {
    return this.database.withTenant(tenant, (manager) => work(new CatalogueStore(manager, tenant)));
  }

  private async lock(store: CatalogueStore): Promise<void> {
    await store.open(this.callsPerMinute);
    await store.lock();
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
    await this.within(tenant, async (store) => {
      await store.lock();
      const ours = new Set((await store.changedWith(version)).map(({ name }) => name));
      for (const { manifest, newCredential } of steps) {
        if (!ours.has(manifest.name)) throw new Failure('policy.version_conflict');
        await this.vault.put({ tenant, server: manifest.name, headers: newCredential ?? {} });
      }
    });
  }
}

async function save(store: CatalogueStore, steps: readonly Step[]): Promise<number> {
  const version = await store.raiseVersion();
  const updated = new Date();
  const rows = steps.map(({ manifest, before }) => ({
    name: manifest.name,
    manifest: withoutSecrets(manifest),
    version,
    created: before?.created ?? updated,
    updated,
  }));
  await store.save(rows);
  return version;
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
