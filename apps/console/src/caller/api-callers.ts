import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Bus } from '@gatehouse/bus';
import { Callers, type Caller } from '@gatehouse/caller';
import { Failure } from '@gatehouse/contracts';
import { Addresses } from '../addresses.js';
import { presentedToken, unauthenticated } from './presented-token.js';
import { API_SCOPE } from './challenge.js';

/** Who is calling the admin API. */
@Injectable()
export class ApiCallers {
  constructor(
    private readonly bus: Bus,
    private readonly callers: Callers,
    private readonly addresses: Addresses,
  ) {}

  /** @throws Failure `caller.unauthenticated`, `caller.insufficient_scope`, `api.invalid_request`; the bus's own */
  async identify(request: IncomingMessage): Promise<Caller> {
    const token = presentedToken(request);
    // without the bus revocations may be missed: that is our trouble (503), not the caller's (401)
    if (!this.bus.connected) throw new Failure('bus.unavailable');
    const caller = await this.ownerOf(token);
    if (caller.scopes?.has(API_SCOPE) === false) throw new Failure('caller.insufficient_scope');
    return caller;
  }

  private async ownerOf(token: string): Promise<Caller> {
    try {
      return await this.callers.identify(token, { resource: this.addresses.resource, tenant: null });
    } catch (error) {
      const bad = error instanceof Failure && error.code === 'caller.unauthenticated';
      throw bad ? unauthenticated() : error;
    }
  }
}
