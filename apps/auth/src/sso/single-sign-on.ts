import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Provider } from 'oidc-provider';
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  fetchUserInfo,
} from 'openid-client';
import type { Person } from '../people/people.store.js';
import { GroupOverage } from './claims/group-overage.js';
import { groupsIn, groupsMatter, teamsFor } from './claims/groups.js';
import { verifyIdToken } from './claims/id-token.js';
import { claimAt, readProfile, type Claims } from './claims/profile.js';
import { LinkedPeople } from './linked-people.store.js';
import { ClientSecrets } from './providers/client-secrets.js';
import { OpenIdProviders, type OpenIdProvider } from './providers/openid-providers.js';
import { presetOf, scopeOf } from './providers/presets.js';
import { providerTrouble } from './providers/provider-trouble.js';
import { SignInRefused } from './sign-in-refused.js';
import type { IdentityProviderRow } from './sso.entity.js';

/** Our address at every provider: the redirect URI to register there. */
export const CALLBACK_PATH = '/sso/callback';

/** One sign-in at a provider: which interaction of ours it is for, and the secret of the browser that began it. */
export interface Trip {
  readonly interaction: string;
  readonly secret: string;
}

interface Wishes {
  /** An e-mail address to begin with, or nothing. */
  readonly loginHint: string;
  /** The person is signed in, and wants to be somebody else. */
  readonly switchAccount: boolean;
}

interface Identified {
  readonly claims: Claims;
  readonly accessToken: string;
}

/** Signs people in by OpenID Connect: authorization code, PKCE, state and nonce. */
@Injectable()
export class SingleSignOn {
  constructor(
    private readonly provider: Provider,
    private readonly openid: OpenIdProviders,
    private readonly secrets: ClientSecrets,
    private readonly overage: GroupOverage,
    private readonly people: LinkedPeople,
  ) {}

  /**
   * Where the person goes to sign in.
   *
   * @throws SignInRefused `unavailable`, `misconfigured`
   */
  async address(row: IdentityProviderRow, trip: Trip, wishes: Wishes): Promise<URL> {
    const { client } = await this.openid.connect(row);
    const { state, nonce, verifier } = handshake(trip);
    return buildAuthorizationUrl(client, {
      ...{ redirect_uri: this.provider.issuer + CALLBACK_PATH, scope: scopeOf(row.settings), state, nonce },
      ...{ code_challenge: await calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
      ...(wishes.loginHint !== '' && { login_hint: wishes.loginHint }),
      ...(wishes.switchAccount && { prompt: presetOf(row.settings).switchAccount }),
    });
  }

  /**
   * The person who comes back with an answer of the provider.
   *
   * @throws SignInRefused; a Failure for trouble of our own
   */
  async person(row: IdentityProviderRow, trip: Trip, answer: URLSearchParams): Promise<Person> {
    const identified = await this.identify(row, trip, answer);
    const { claims } = identified;
    try {
      const profile = readProfile(claims, row.settings);
      const teams = teamsFor(await this.groups(row, identified), row.settings);
      return await this.people.signIn(row, profile, teams);
    } catch (error) {
      if (error instanceof SignInRefused) error.subject = String(claims['sub']);
      throw error;
    }
  }

  private async identify(row: IdentityProviderRow, trip: Trip, answer: URLSearchParams): Promise<Identified> {
    const secret = row.hasClientSecret ? await this.secrets.lease(row) : null;
    const { client, keys } = await this.openid.connect(row, secret);
    const { state, nonce, verifier } = handshake(trip);
    const address = new URL(`${this.provider.issuer}${CALLBACK_PATH}?${answer}`);
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier };
    const tokens = await authorizationCodeGrant(client, address, checks).catch((error: unknown) => {
      throw providerTrouble(error, 'sign-in');
    });
    const expected = { issuer: client.serverMetadata().issuer, audience: row.settings.client_id, nonce };
    const claims = await verifyIdToken(tokens.id_token ?? '', keys, expected).catch((error: unknown) => {
      throw providerTrouble(error, 'ID token');
    });
    return this.complete(row, { claims, accessToken: tokens.access_token }, client);
  }

  /** Some providers keep all but `sub` for the UserInfo endpoint (OpenID Connect Core, section 5.4). */
  private async complete(
    { settings }: IdentityProviderRow,
    identified: Identified,
    client: OpenIdProvider['client'],
  ): Promise<Identified> {
    const { claims, accessToken } = identified;
    const email = claimAt(claims, settings.claims.email ?? 'email');
    const enough =
      email !== undefined && (!groupsMatter(settings) || groupsIn(claims, settings) !== undefined);
    if (enough || client.serverMetadata().userinfo_endpoint === undefined) return identified;
    const more = await fetchUserInfo(client, accessToken, String(claims['sub'])).catch((error: unknown) => {
      throw providerTrouble(error, 'UserInfo');
    });
    return { claims: { ...more, ...claims }, accessToken };
  }

  private async groups(row: IdentityProviderRow, identified: Identified): Promise<readonly string[]> {
    if (!groupsMatter(row.settings)) return [];
    const groups = groupsIn(identified.claims, row.settings);
    return groups === 'overage' ? this.overage.resolve(identified.accessToken, row.settings) : (groups ?? []);
  }
}

/** All of it follows from a secret that only the browser has: nothing of it lies in the database. */
function handshake({ interaction, secret }: Trip): { state: string; nonce: string; verifier: string } {
  const derive = (purpose: string) => createHash('sha256').update(`${purpose} ${secret}`).digest('base64url');
  return { state: `${interaction}.${derive('state')}`, nonce: derive('nonce'), verifier: derive('verifier') };
}
