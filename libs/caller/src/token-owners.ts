import { hash } from 'node:crypto';
import { seal, type Bus } from '@gatehouse/bus';
import {
  Failure,
  getAuthKey,
  introspectToken,
  verifyToken,
  VerifyToken,
  type TokenOwner,
} from '@gatehouse/contracts';
import type { z } from 'zod';
import type { Caller } from './caller.js';

type Client = Caller['client'];

/** Tokens of which auth alone knows whose they are: opaque ones, and those that a registered issuer signed. */
export class TokenOwners {
  private authKey: unknown = null;

  constructor(private readonly bus: Bus) {}

  /**
   * A personal access token, or a service account's. The bus carries its hash only.
   *
   * @throws Failure `auth.unknown_token`; a 503 failure if auth cannot be asked
   */
  async introspect(token: string): Promise<Caller> {
    const owner = await this.bus.request(introspectToken, { hash: hash('sha256', token, 'base64url') });
    return toCaller(owner, { id: '', name: 'API token' });
  }

  /**
   * A JWT of another issuer, which the tenant may have registered.
   *
   * @throws Failure `auth.unknown_token`; a 503 failure if auth cannot be asked
   */
  async verify(token: string, { tenant, issuer }: { tenant: string; issuer: string }): Promise<Caller> {
    const owner = await this.ask({ tenant, token });
    return toCaller(owner, { id: issuer, name: issuer });
  }

  private async ask(body: z.input<typeof VerifyToken>): Promise<TokenOwner> {
    const knownKey = this.authKey;
    try {
      return await this.request(body, knownKey ?? (await this.fetchAuthKey()));
    } catch (error) {
      // auth may have another key by now, and cannot read what was sealed to its old one
      const unreadable = error instanceof Failure && error.code === 'bus.bad_message';
      if (!unreadable || knownKey === null) throw error;
      return this.request(body, await this.fetchAuthKey());
    }
  }

  private async request(body: z.input<typeof VerifyToken>, key: unknown): Promise<TokenOwner> {
    return this.bus.request(verifyToken, { sealed: await seal(body, key) });
  }

  private async fetchAuthKey(): Promise<unknown> {
    return (this.authKey = (await this.bus.request(getAuthKey, {})).key);
  }
}

/** Auth was asked just now: whatever has ended, it knows. */
function toCaller(owner: TokenOwner, client: Client): Caller {
  const { tenant, subject, teams, admin, token, expires, grant = '' } = owner;
  const expiresAt = expires === null ? Infinity : Date.parse(expires) / 1_000;
  if (!(expiresAt * 1_000 > Date.now())) throw new Failure('auth.unknown_token');
  return {
    ...{ tenant, subject, teams, admin, client, grant },
    tokenId: token,
    scopes: null,
    issuedAt: Infinity,
    generation: Infinity,
    expiresAt,
  };
}
