import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Failure } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { Request } from 'express';
import { digest } from '../opaque-secret.js';
import { SecurityEvents } from '../security-events/security-events.store.js';
import { PersonalAccessTokens } from '../tokens/personal-access-token.store.js';

/** An identity provider that provisions a tenant's people, as a token shows it. */
export interface ScimClient {
  readonly tenant: string;
  /** As security events name it. */
  readonly name: string;
}

const CLIENT = Symbol('SCIM client');

/** Lets in whoever has a token for SCIM in the tenant of the address. */
@Injectable()
export class ScimAdmission implements CanActivate {
  constructor(
    private readonly tokens: PersonalAccessTokens,
    private readonly database: Database,
    private readonly events: SecurityEvents,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const request = context.switchToHttp().getRequest<Request & { [CLIENT]?: ScimClient }>();
    const [, token = ''] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
    const found = token === '' ? null : await this.tokens.find(digest(token));
    // A token of another tenant is as unknown as none: nobody learns which tenants there are.
    if (!found || found.person.tenant !== request.params['tenant']) throw new Failure('auth.unknown_token');
    const { tenant, email, id } = found.person;
    if (!found.person.admin) {
      const event = { tenant, kind: 'scim.refused', subject: id, detail: { token: found.token.id } };
      await this.database.withTenant(tenant, (manager) => this.events.record(manager, event));
      throw new Failure('api.forbidden', 'This token is not for SCIM.');
    }
    request[CLIENT] = { tenant, name: `scim: ${email}` };
    return true;
  }
}

/** Who was let in. */
export function clientOf(request: Request): ScimClient {
  const client = (request as Request & { [CLIENT]?: ScimClient })[CLIENT];
  if (!client) throw new Error('SCIM was reached without admission');
  return client;
}
