import { Handle, seal } from '@gatehouse/bus';
import { type CredentialLease, Failure, leaseCredential } from '@gatehouse/contracts';
import type { SealedRequest } from '../open-request.js';
import { Credentials } from './credentials.js';
import { LeaseAdmission } from './lease-admission.js';

/** How long, in milliseconds, an edge may keep what it leased. */
const KEEP_MS = 60_000;

@Handle(leaseCredential)
export class LeaseCredential {
  constructor(
    private readonly admission: LeaseAdmission,
    private readonly credentials: Credentials,
  ) {}

  async handle(request: SealedRequest): Promise<{ sealed: string }> {
    const { tenant, server, recipient } = await this.admission.admit(request);
    const found = await this.credentials.find(tenant, server);
    if (!found) throw new Failure('vault.credential_missing');
    const lease: CredentialLease = { credential: found.id, headers: found.headers, keepMs: KEEP_MS };
    return { sealed: await seal(lease, recipient) };
  }
}
