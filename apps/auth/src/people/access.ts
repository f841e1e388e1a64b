import { Injectable } from '@nestjs/common';
import { Bus } from '@gatehouse/bus';
import { checkAccess } from '@gatehouse/contracts';
import type { Resource } from '../oidc/requests/resource.js';
import type { Person } from './people.store.js';

export interface Access {
  readonly allowed: boolean;
  /** What the server is for, in the words of its owner. */
  readonly description: string;
  /** Scopes which the server defines, in the words of its owner. */
  readonly scopes: ReadonlyArray<{ readonly name: string; readonly description: string }>;
}

export const NO_ACCESS: Access = { allowed: false, description: '', scopes: [] };

/** Whether a person may use a resource at all; what they may do there is decided at each call. */
@Injectable()
export class AccessCheck {
  constructor(private readonly bus: Bus) {}

  /** @throws Failure if the policy service cannot be asked */
  async ask(person: Person, resource: Resource): Promise<Access> {
    if (resource.kind === 'api')
      return { allowed: true, description: 'The admin API of Gatehouse.', scopes: [] };
    if (resource.tenant !== person.tenant) return NO_ACCESS;
    return this.bus.request(checkAccess, {
      tenant: person.tenant,
      server: resource.server,
      subject: { type: 'user', id: person.id, name: person.email },
      teams: [...person.teams],
    });
  }
}
