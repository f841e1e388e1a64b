import { Inject } from '@nestjs/common';
import { Handle } from '@gatehouse/bus';
import { listKeys } from '@gatehouse/contracts';
import { Provider } from 'oidc-provider';
import { publicKeys, SIGNING_KEYS, type SigningKeys } from '../oidc/signing-keys.js';

@Handle(listKeys)
export class ListKeys {
  constructor(
    @Inject(SIGNING_KEYS) private readonly keys: SigningKeys,
    private readonly provider: Provider,
  ) {}

  handle() {
    return { issuer: this.provider.issuer, keys: publicKeys(this.keys) };
  }
}
