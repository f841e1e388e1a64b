import { Injectable } from '@nestjs/common';
import { Bus, seal, TransportKey } from '@gatehouse/bus';
import {
  deleteSecret,
  Failure,
  getVaultKey,
  leaseSecret,
  putSecret,
  SecretLease,
} from '@gatehouse/contracts';
import { SignInRefused } from '../sign-in-refused.js';
import type { ProviderId } from './identity-providers.store.js';

const kind = 'identity-provider';

/** Our client secrets at identity providers, which the vault keeps. In this process only while one is used. */
@Injectable()
export class ClientSecrets {
  constructor(
    private readonly bus: Bus,
    private readonly key: TransportKey,
  ) {}

  async keep({ tenant, name }: ProviderId, value: string | null): Promise<void> {
    const place = { tenant, kind, name } as const;
    if (value === null) return void (await this.bus.request(deleteSecret, place));
    const { key } = await this.bus.request(getVaultKey, {});
    await this.bus.request(putSecret, { sealed: await seal({ ...place, value }, key) });
  }

  /** Whether the vault keeps just this secret. */
  async holds(id: ProviderId, value: string): Promise<boolean> {
    try {
      return (await this.lease(id)) === value;
    } catch (error) {
      if (error instanceof SignInRefused) return false;
      throw error;
    }
  }

  /** @throws SignInRefused `misconfigured` if it is lost; the Failure of a vault which cannot be asked */
  async lease({ tenant, name }: ProviderId): Promise<string> {
    const recipient = this.key.publicJwk;
    const request = { tenant, kind, name, recipient } as const;
    const { sealed } = await this.bus.request(leaseSecret, request).catch((error: unknown) => {
      if (!(error instanceof Failure && error.code === 'vault.secret_missing')) throw error;
      throw new SignInRefused('misconfigured', 'the client secret is lost: set it again', { cause: error });
    });
    return (await this.key.open(sealed, SecretLease)).value;
  }
}
