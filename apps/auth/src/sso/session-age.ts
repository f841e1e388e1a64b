import { Injectable } from '@nestjs/common';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Person } from '../people/people.store.js';
import { IdentityProviders } from './providers/identity-providers.store.js';
import { SignInSettings } from './sign-in-settings.store.js';
import { personOf } from '../oidc/account.js';
import { tellOutage } from '../oidc/outage.js';

/** Before the name of an identity provider, in the session's `acr`: by which way the person came. */
export const ACR_PREFIX = 'idp:';

/** Whether a browser session is still good by the rules of the way in which it was begun. */
@Injectable()
export class SessionAge {
  constructor(
    private readonly providers: IdentityProviders,
    private readonly settings: SignInSettings,
  ) {}

  /**
   * True once the person must sign in again: their provider allows sessions of that age no longer, or is gone; or they
   * came by a password, and local accounts were switched off.
   */
  async over(ctx: KoaContextWithOIDC): Promise<boolean> {
    const person = personOf(ctx);
    const { session } = ctx.oidc;
    if (!person || !session) return false;
    return tellOutage(() => this.isOver(person, { acr: session.acr ?? '', since: session.loginTs ?? 0 }));
  }

  private async isOver({ tenant }: Person, { acr, since }: { acr: string; since: number }): Promise<boolean> {
    if (!acr.startsWith(ACR_PREFIX)) return !(await this.settings.localAccounts(tenant));
    const provider = await this.providers.find({ tenant, name: acr.slice(ACR_PREFIX.length) });
    if (!provider?.settings.enabled) return true;
    return Date.now() / 1_000 - since > provider.settings.max_session_hours * 3_600;
  }
}
