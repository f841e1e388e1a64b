import { Failure, type Change } from '@gatehouse/contracts';
import type { z } from 'zod';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { AccessAtAuth } from './access-at-auth.js';
import type { ReadManifest } from './read-manifests.js';
import type { RemoteServer } from './remote-server.js';

type Changes = Array<z.output<typeof Change>>;

/**
 * Manifests of every kind. Auth keeps some of them, and two services cannot commit together:
 * 1. both judge everything: nothing is changed if either finds a fault or cannot be asked;
 * 2. auth applies its kinds;
 * 3. the catalogue commits.
 * Whatever fails in between, applying again does what was left undone.
 */
export class Manifests {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly access: AccessAtAuth,
  ) {}

  /**
   * @returns what changes: auth's kinds, then servers
   * @throws Failure `policy.invalid_manifest`, `policy.version_conflict`; or the vault's or the bus's
   */
  async apply(
    asked: { readonly tenant: string; readonly by: string },
    manifests: readonly ReadManifest[],
    dryRun: boolean,
  ): Promise<Changes> {
    const servers = serversOf(manifests);
    const documents = manifests.flatMap(({ place, manifest }) =>
      manifest.type === 'mcp-server/remote' ? [] : [{ place, manifest }],
    );
    if (documents.length === 0) return this.catalogue.apply(asked.tenant, servers, dryRun);
    const planned = [
      ...(await this.access.apply({ ...asked, documents, dryRun: true })),
      ...(await this.catalogue.apply(asked.tenant, servers, true)),
    ];
    if (dryRun) return planned;
    const done = await this.access
      .apply({ ...asked, documents, dryRun: false })
      .catch(
        saying('Some of the teams, service accounts and identity providers may be applied, no server is.'),
      );
    const changed = await this.catalogue
      .apply(asked.tenant, servers, false)
      .catch(saying('Teams, service accounts and identity providers are applied, servers are not.'));
    return [...done, ...changed];
  }
}

export function serversOf(manifests: readonly ReadManifest[]): RemoteServer[] {
  return manifests.flatMap(({ manifest }) => (manifest.type === 'mcp-server/remote' ? [manifest] : []));
}

function saying(whatIsDone: string) {
  return (error: unknown): never => {
    if (!(error instanceof Failure)) throw error;
    const detail = `${error.message} ${whatIsDone} Apply everything again to complete it.`;
    throw new Failure(error.code, detail, { cause: error });
  };
}
