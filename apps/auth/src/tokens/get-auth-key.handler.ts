import { Handle, TransportKey } from '@gatehouse/bus';
import { getAuthKey } from '@gatehouse/contracts';

@Handle(getAuthKey)
export class GetAuthKey {
  constructor(private readonly key: TransportKey) {}

  handle(): { key: TransportKey['publicJwk'] } {
    return { key: this.key.publicJwk };
  }
}
