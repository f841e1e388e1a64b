import { Handle } from '@gatehouse/bus';
import { listKeys } from '@gatehouse/contracts';
import { Provider } from 'oidc-provider';
import { SigningKeys } from '../oidc/keys/signing-keys.js';

@Handle(listKeys)
export class ListKeys {
  constructor(
    private readonly keys: SigningKeys,
    private readonly provider: Provider,
  ) {}

  handle() {
    return { issuer: this.provider.issuer, keys: this.keys.publicKeys() };
  }
}
