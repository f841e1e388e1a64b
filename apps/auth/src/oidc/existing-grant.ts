import { Injectable } from '@nestjs/common';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { Clients } from '../clients/clients.store.js';
import { AccessCheck } from '../people/access.js';
import { personOf } from './account.js';
import { Approvals } from './approvals.store.js';
import { tellOutage } from './outage.js';
import { existingScopes, parseResource } from './requests/resource.js';

type Grant = InstanceType<Provider['Grant']>;

/** Under which grant an authorization request goes on without the approval page. */
@Injectable()
export class ExistingGrants {
  constructor(
    private readonly approvals: Approvals,
    private readonly access: AccessCheck,
    private readonly clients: Clients,
  ) {}

  /**
   * The grant just approved; or a new one, if the person has approved the same before, is not to be asked again, and
   * may still use the server.
   */
  async find(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
    const { provider, result, params, client, prompts } = ctx.oidc;
    if (result?.consent?.grantId) return provider.Grant.find(result.consent.grantId);
    const person = personOf(ctx);
    const indicator = String(params?.['resource']);
    const resource = parseResource(provider.issuer, indicator);
    if (!person || !client || !resource || prompts.has('consent')) return undefined;
    if (!(await this.clients.permitted(client.clientId, person.tenant))) return undefined;
    const access = await tellOutage(() => this.access.ask(person, resource));
    if (!access.allowed) return undefined;
    const asked = [...ctx.oidc.requestParamScopes];
    const scopes = existingScopes(resource, asked, access.scopes);
    const approved = await this.approvals.covers({
      tenant: person.tenant,
      person: person.id,
      client: client.clientId,
      redirectUri: String(params?.['redirect_uri']),
      resource: resource.url,
      scopes,
    });
    if (!approved || scopes.length === 0) return undefined;
    const grant = new provider.Grant({ accountId: person.id, clientId: client.clientId });
    grant.addResourceScope(indicator, scopes);
    // else the engine would have the person asked for what does not exist
    grant.rejectResourceScope(
      indicator,
      asked.filter((scope) => !scopes.includes(scope)),
    );
    await grant.save();
    return grant;
  }
}
