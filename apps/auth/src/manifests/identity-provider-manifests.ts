import { Injectable } from '@nestjs/common';
import { Failure, type IdentityProviderManifest } from '@gatehouse/contracts';
import { ClientSecrets } from '../sso/providers/client-secrets.js';
import { IdentityProviders, type SaveProvider } from '../sso/providers/identity-providers.store.js';
import type { AccessKind, Judged, Scope } from './access-kind.js';

/** Identity providers as manifests describe them. */
@Injectable()
export class IdentityProviderManifests implements AccessKind<IdentityProviderManifest> {
  constructor(
    private readonly providers: IdentityProviders,
    private readonly secrets: ClientSecrets,
  ) {}

  async judge({ tenant, manifests }: Scope, manifest: IdentityProviderManifest): Promise<Judged> {
    const { type, name, client_secret: secret } = manifest;
    const before = await this.providers.find({ tenant, name });
    const hadSecret = before?.hasClientSecret ?? false;
    const hasSecret = secret === undefined ? hadSecret : secret !== null;
    const change = changeOf(tenant, manifest);
    const together = manifests.filter((other) => other.type === 'identity-provider');
    return {
      change: {
        before: before && { type, ...before.settings, ...shownSecret(hadSecret) },
        after: { type, ...change.provider, ...shownSecret(hasSecret) },
        newSecret: hadSecret && !!secret && !(await this.secrets.holds({ tenant, name }, secret)),
      },
      fault: await this.faultOf(
        change,
        together.map((other) => changeOf(tenant, other)),
      ),
    };
  }

  async apply({ tenant }: Scope, manifests: readonly IdentityProviderManifest[]): Promise<void> {
    const changes = manifests.map((manifest) => changeOf(tenant, manifest));
    await this.providers.saveAll(tenant, changes, (id, secret) => this.secrets.keep(id, secret));
  }

  private async faultOf(change: SaveProvider, changes: readonly SaveProvider[]): Promise<string | null> {
    try {
      await this.providers.check(change, changes);
      return null;
    } catch (error) {
      if (error instanceof Failure && !error.row.retryable) return error.message;
      throw error;
    }
  }
}

function changeOf(tenant: string, manifest: IdentityProviderManifest): SaveProvider {
  const { type: _, client_secret: secret, ...provider } = manifest;
  return { tenant, mode: 'put', provider, secret };
}

function shownSecret(isThere: boolean): object {
  return isThere ? { client_secret: '[secret]' } : {};
}
