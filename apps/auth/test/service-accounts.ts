import { randomUUID } from 'node:crypto';
import { TransportKey, type Bus } from '@gatehouse/bus';
import {
  changeServiceAccount,
  createServiceAccount,
  createServiceAccountToken,
  introspectToken,
  NewTokenSecret,
  rotateServiceAccountToken,
  type ServiceAccountSettings,
} from '@gatehouse/contracts';
import { digest } from '../src/opaque-secret.js';
import type { AuthServer } from './auth-server.js';

export interface Named {
  readonly tenant: string;
  readonly name: string;
  readonly by: string;
}

export const PLAIN: ServiceAccountSettings = {
  ...{ description: '', teams: [], roles: [], clients: [], suspended: false },
};

/** Service accounts and their tokens, as the console and the edge handle them. */
export class TestAccounts {
  readonly console: Bus;
  private readonly edge: Bus;

  constructor(server: AuthServer) {
    this.console = server.connect('console');
    this.edge = server.connect('edge');
  }

  async add(settings: Partial<ServiceAccountSettings> = {}, tenant = 'demo'): Promise<Named> {
    const named = { tenant, name: `ci-${randomUUID().slice(0, 8)}`, by: 'admin-id' };
    await this.console.request(createServiceAccount, { ...named, settings: { ...PLAIN, ...settings } });
    return named;
  }

  change(named: Named, changes: Partial<ServiceAccountSettings>) {
    return this.console.request(changeServiceAccount, { ...named, changes });
  }

  async newToken(named: Named, expiresInDays = 90) {
    const key = await TransportKey.create();
    const asked = { ...named, token: 'runner', expiresInDays, recipient: key.publicJwk };
    const { token, sealed } = await this.console.request(createServiceAccountToken, asked);
    return { ...token, value: (await key.open(sealed, NewTokenSecret)).token };
  }

  async rotate(named: Named, id: string, graceSeconds: number) {
    const key = await TransportKey.create();
    const asked = { ...named, id, graceSeconds, recipient: key.publicJwk };
    const { token, sealed } = await this.console.request(rotateServiceAccountToken, asked);
    return { ...token, value: (await key.open(sealed, NewTokenSecret)).token };
  }

  introspect(token: string) {
    return this.edge.request(introspectToken, { hash: digest(token) });
  }
}
