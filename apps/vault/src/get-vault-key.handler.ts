import { Handle, TransportKey } from '@gatehouse/bus';
import { getVaultKey } from '@gatehouse/contracts';

@Handle(getVaultKey)
export class GetVaultKey {
  constructor(private readonly key: TransportKey) {}

  handle(): { key: TransportKey['publicJwk'] } {
    return { key: this.key.publicJwk };
  }
}
