import type { IdentityProvider } from '@gatehouse/contracts';

interface Preset {
  readonly scopes: readonly string[];
  /** The claim that says whether the e-mail address is the person's own. */
  readonly emailVerified: string;
  readonly groups: string;
  /** Where groups are asked for if a token has no room for them. */
  readonly groupsEndpoint?: string;
  /** How a person who wants to be somebody else is asked who. */
  readonly switchAccount: 'login' | 'select_account';
}

const STANDARD: Preset = {
  scopes: ['openid', 'profile', 'email'],
  emailVerified: 'email_verified',
  groups: 'groups',
  switchAccount: 'login',
};

/** What differs between providers; a manifest's own words go before. */
const PRESETS: Readonly<Record<IdentityProvider['preset'], Preset>> = {
  oidc: STANDARD,
  okta: { ...STANDARD, scopes: [...STANDARD.scopes, 'groups'] },
  keycloak: STANDARD,
  google: { ...STANDARD, switchAccount: 'select_account' },
  entra: {
    ...STANDARD,
    // User.Read: so that the access token is one for Microsoft Graph.
    scopes: [...STANDARD.scopes, 'User.Read'],
    emailVerified: 'xms_edov',
    groupsEndpoint: 'https://graph.microsoft.com/v1.0/me/getMemberObjects',
    switchAccount: 'select_account',
  },
};

export function presetOf({ preset }: IdentityProvider): Preset {
  return PRESETS[preset];
}

export function scopeOf(settings: IdentityProvider): string {
  return [...new Set(['openid', ...(settings.scopes ?? presetOf(settings).scopes)])].join(' ');
}
