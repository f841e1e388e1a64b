import { Handle } from '@gatehouse/bus';
import { getSignInSettings, setSignInSettings } from '@gatehouse/contracts';
import type { z } from 'zod';
import { SignInSettings } from '../sign-in-settings.store.js';

type Settings = z.output<typeof getSignInSettings.reply>;

@Handle(getSignInSettings)
export class GetSignInSettings {
  constructor(private readonly settings: SignInSettings) {}

  async handle({ tenant }: { tenant: string }): Promise<Settings> {
    return { local_accounts: (await this.settings.stored(tenant)) ? 'on' : 'off' };
  }
}

@Handle(setSignInSettings)
export class SetSignInSettings {
  constructor(private readonly settings: SignInSettings) {}

  async handle({ tenant, local_accounts }: z.output<typeof setSignInSettings.request>): Promise<Settings> {
    await this.settings.setLocalAccounts(tenant, local_accounts === 'on');
    return { local_accounts };
  }
}
