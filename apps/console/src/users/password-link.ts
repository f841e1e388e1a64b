import { Injectable } from '@nestjs/common';
import { TransportKey } from '@gatehouse/bus';
import { PasswordLinkSecret } from '@gatehouse/contracts';
import { Addresses } from '../addresses.js';

/** Links by which people choose a password, as the auth service seals them to us. */
@Injectable()
export class PasswordLinkFor {
  constructor(
    private readonly key: TransportKey,
    private readonly addresses: Addresses,
  ) {}

  get recipient(): TransportKey['publicJwk'] {
    return this.key.publicJwk;
  }

  async open(sealed: string): Promise<string> {
    const { token } = await this.key.open(sealed, PasswordLinkSecret);
    return `${this.addresses.origin}/password?token=${token}`;
  }
}
