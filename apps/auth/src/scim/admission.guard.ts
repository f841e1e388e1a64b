import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Failure } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { Request } from 'express';
import { Log } from '../log.js';
import { ServiceAccountTokens } from '../machines/service-account-tokens.store.js';
import { digest } from '../opaque-secret.js';
import { SecurityEvents } from '../security-events/security-events.store.js';
import { PersonalAccessTokens } from '../tokens/personal-access-token.store.js';

/** Milliseconds between two notes of a token's use. */
const USE_NOTED_EVERY_MS = 60_000;

/** An identity provider that provisions a tenant's people, as its token shows it. */
export interface ScimClient {
  readonly tenant: string;
  /** As security events name it. */
  readonly name: string;
}

type Admitted = Request & { [CLIENT]?: ScimClient };
const CLIENT = Symbol('SCIM client');

/** Lets in a service account that has the role `scim` in the tenant of the address. */
@Injectable()
export class ScimAdmission implements CanActivate {
  constructor(
    private readonly machines: ServiceAccountTokens,
    private readonly personal: PersonalAccessTokens,
    private readonly database: Database,
    private readonly events: SecurityEvents,
    private readonly log: Log,
  ) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const request = context.switchToHttp().getRequest<Admitted>();
    const [, token = ''] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
    const holder = token === '' ? null : await this.holderOf(digest(token));
    // A token of another tenant is as unknown as none: nobody learns which tenants there are.
    if (!holder || holder.tenant !== request.params['tenant']) throw new Failure('auth.unknown_token');
    if (!holder.provisions) throw await this.refused(holder);
    request[CLIENT] = { tenant: holder.tenant, name: `scim: ${holder.name}` };
    return true;
  }

  private async holderOf(hash: string) {
    const machine = await this.machines.find(hash);
    if (!machine) {
      const { person } = (await this.personal.find(hash)) ?? {};
      return person ? { ...person, provisions: false } : null;
    }
    if (Date.now() - (machine.token.lastUsed?.getTime() ?? 0) > USE_NOTED_EVERY_MS)
      this.machines
        .noteUse(machine.token)
        .catch((error: unknown) => this.log.warn({ err: error }, "a token's use was not noted"));
    return { ...machine.account, provisions: machine.account.roles.includes('scim') };
  }

  private async refused({ tenant, id: subject }: { tenant: string; id: string }): Promise<Failure> {
    await this.database.withTenant(tenant, (manager) =>
      this.events.record(manager, { tenant, kind: 'scim.refused', subject }),
    );
    return new Failure(
      'api.forbidden',
      'This token is not for SCIM: use one of a service account with the role scim.',
    );
  }
}

/** Who was let in. */
export function clientOf(request: Request): ScimClient {
  const client = (request as Admitted)[CLIENT];
  if (!client) throw new Error('SCIM was reached without admission');
  return client;
}
