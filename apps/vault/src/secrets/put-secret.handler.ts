import { Handle, TransportKey } from '@gatehouse/bus';
import { PutSecret as Content, putSecret } from '@gatehouse/contracts';
import { openRequest, type SealedRequest } from '../open-request.js';
import { Secrets } from './secrets.js';

@Handle(putSecret)
export class PutSecret {
  constructor(
    private readonly key: TransportKey,
    private readonly secrets: Secrets,
  ) {}

  async handle(request: SealedRequest): Promise<Record<string, never>> {
    const { value, ...place } = await openRequest(this.key, request, Content);
    await this.secrets.put(place, value);
    return {};
  }
}
