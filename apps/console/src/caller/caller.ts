import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Bus } from '@gatehouse/bus';
import { Failure, type Subject, TOKEN_PREFIX } from '@gatehouse/contracts';
import { AccessTokens } from './access-tokens.js';
import { bearerToken } from './bearer-token.js';
import { PersonalAccessTokens } from './personal-access-tokens.js';

/** Who is calling the admin API. */
export interface Caller {
  readonly tenant: string;
  readonly subject: Subject;
  readonly teams: readonly string[];
  readonly admin: boolean;
}

@Injectable()
export class Callers {
  constructor(
    private readonly bus: Bus,
    private readonly personalAccessTokens: PersonalAccessTokens,
    private readonly accessTokens: AccessTokens,
  ) {}

  /** @throws Failure `caller.unauthenticated`, `caller.insufficient_scope`, `api.invalid_request`; the bus's own */
  async identify(request: IncomingMessage): Promise<Caller> {
    const token = bearerToken(request);
    // without the bus revocations may be missed: that is our trouble (503), not the caller's (401)
    if (!this.bus.connected) throw new Failure('bus.unavailable');
    return token.startsWith(TOKEN_PREFIX.personalAccessToken)
      ? this.personalAccessTokens.introspect(token)
      : this.accessTokens.verify(token);
  }
}
