import { createHash, timingSafeEqual } from 'node:crypto';
import { Handle, TransportKey } from '@gatehouse/bus';
import { compareCredential, PutCredential } from '@gatehouse/contracts';
import { openRequest, type SealedRequest } from '../open-request.js';
import { Credentials } from './credentials.js';

@Handle(compareCredential)
export class CompareCredential {
  constructor(
    private readonly key: TransportKey,
    private readonly credentials: Credentials,
  ) {}

  async handle(request: SealedRequest): Promise<{ equal: boolean }> {
    const { tenant, server, headers } = await openRequest(this.key, request, PutCredential);
    const stored = await this.credentials.find(tenant, server);
    return { equal: stored !== null && timingSafeEqual(digest(stored.headers), digest(headers)) };
  }
}

/** The order of headers does not matter, nor the case of their names (RFC 9110, section 5.1). */
function digest(headers: Record<string, string>): Buffer {
  const entries = Object.entries(headers).map(([name, value]) => JSON.stringify([name.toLowerCase(), value]));
  return createHash('sha256').update(entries.sort().join()).digest();
}
