import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/persistence';
import { LessThan } from 'typeorm';
import { digest, opaqueSecret } from '../opaque-secret.js';
import type { ProviderId } from './providers/identity-providers.store.js';
import { IdentityProviderRow, SsoSignInRow } from './sso.entity.js';

const LIFETIME_MS = 10 * 60_000;

/** Who was sent to which provider and may come back once, within ten minutes, in the same browser. */
@Injectable()
export class SsoSignIns {
  constructor(private readonly database: Database) {}

  /** @returns a secret for the browser alone: it is stored as a hash */
  async begin({ tenant, name }: ProviderId, interaction: string): Promise<string> {
    const secret = opaqueSecret('');
    const expires = new Date(Date.now() + LIFETIME_MS);
    await this.database.withTenant(tenant, async (manager) => {
      await manager.delete(SsoSignInRow, { tenant, expires: LessThan(new Date()) });
      await manager.insert(SsoSignInRow, {
        id: digest(secret),
        tenant,
        provider: name,
        interaction,
        expires,
      });
    });
    return secret;
  }

  /** The provider to which the browser with this secret was sent for this interaction; null the second time. */
  async take(secret: string, interaction: string): Promise<IdentityProviderRow | null> {
    const id = digest(secret);
    return this.database.acrossTenants(async (manager) => {
      const row = await manager.findOneBy(SsoSignInRow, { id, interaction });
      // Of two requests at once only one deletes the row.
      const { affected } = await manager.delete(SsoSignInRow, { id, interaction });
      if (!row || affected !== 1 || row.expires < new Date()) return null;
      const provider = await manager.findOneBy(IdentityProviderRow, {
        tenant: row.tenant,
        name: row.provider,
      });
      return provider?.settings.enabled ? provider : null;
    });
  }
}
