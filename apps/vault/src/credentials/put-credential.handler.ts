import { Bus, Handle, TransportKey } from '@gatehouse/bus';
import { credentialChanged, PutCredential as Content, putCredential } from '@gatehouse/contracts';
import { openRequest, type SealedRequest } from '../open-request.js';
import { Credentials } from './credentials.js';

@Handle(putCredential)
export class PutCredential {
  constructor(
    private readonly key: TransportKey,
    private readonly credentials: Credentials,
    private readonly bus: Bus,
  ) {}

  async handle(request: SealedRequest): Promise<{ credential: string }> {
    const { tenant, server, headers } = await openRequest(this.key, request, Content);
    const credential = await this.credentials.put(tenant, server, headers);
    this.bus.publish(credentialChanged, { tenant, server });
    return { credential };
  }
}
