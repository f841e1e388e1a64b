import { Injectable } from '@nestjs/common';
import { Bus } from '@gatehouse/bus';
import { checkAccess } from '@gatehouse/contracts';
import { subjectOf } from '../tokens/token-owner.js';
import type { Resource } from '../oidc/requests/resource.js';
import type { Holder } from '../oidc/account.js';

export interface Access {
  readonly allowed: boolean;
  /** What the server is for, in the words of its owner. */
  readonly description: string;
  /** Scopes which the server defines, in the words of its owner. */
  readonly scopes: ReadonlyArray<{ readonly name: string; readonly description: string }>;
}

export const NO_ACCESS: Access = { allowed: false, description: '', scopes: [] };

/** Whether a person or a service account may use a resource at all; what they may do there is decided at each call. */
@Injectable()
export class AccessCheck {
  constructor(private readonly bus: Bus) {}

  /** @throws Failure if the policy service cannot be asked */
  async ask(holder: Holder, resource: Resource): Promise<Access> {
    if (resource.kind === 'api')
      return { allowed: true, description: 'The admin API of Gatehouse.', scopes: [] };
    if (resource.tenant !== holder.tenant) return NO_ACCESS;
    return this.bus.request(checkAccess, {
      tenant: holder.tenant,
      server: resource.server,
      subject: subjectOf(holder),
      teams: [...holder.teams],
    });
  }
}
