import { Injectable } from '@nestjs/common';
import type { ClientMetadata, Provider } from 'oidc-provider';
import { ClientCredentials } from './client-credentials.js';
import { IdentityAssertions } from './identity-assertions.js';
import type { GrantContext, ResourceServerOf } from './access-token-issue.js';
import { TokenExchange } from './token-exchange.js';

/** The client of workloads, which have none of their own: the JWT that they exchange is their credential. */
export const WORKLOAD_CLIENT: ClientMetadata = {
  client_id: 'gatehouse-workload',
  client_name: 'Workload',
  redirect_uris: [],
  response_types: [],
  grant_types: [TokenExchange.grantType],
  token_endpoint_auth_method: 'none',
};

/** Teaches the engine the grants in which nobody signs in: an issuer's JWT or a client's credential stands for it. */
@Injectable()
export class MachineGrants {
  constructor(
    private readonly exchange: TokenExchange,
    private readonly assertions: IdentityAssertions,
    private readonly credentials: ClientCredentials,
  ) {}

  register(provider: Provider, resourceServerOf: ResourceServerOf): void {
    const register = ({ grantType, parameters }: Grant, answer: TokenExchange['answer']) =>
      provider.registerGrantType<GrantContext['oidc']['params']>(
        grantType,
        async (ctx) => void (ctx.body = await answer(ctx, resourceServerOf)),
        parameters,
      );
    register(TokenExchange, (ctx, resources) => this.exchange.answer(ctx, resources));
    register(IdentityAssertions, (ctx, resources) => this.assertions.answer(ctx, resources));
    register(ClientCredentials, (ctx, resources) => this.credentials.answer(ctx, resources));
    allowEveryClient(provider);
    assumeWorkloads(provider);
  }
}

interface Grant {
  readonly grantType: string;
  readonly parameters: readonly string[];
}

const OPEN = new Set(
  [TokenExchange, IdentityAssertions, ClientCredentials].map(({ grantType }) => grantType as string),
);

/** An issuer's or an administrator's word decides, not the registration: clients know nothing of these grants then. */
function allowEveryClient({ Client }: Provider): void {
  Client.prototype.grantTypeAllowed = function (this: { grantTypes?: string[] }, grantType: string) {
    return OPEN.has(grantType) || this.grantTypes?.includes(grantType) === true;
  };
}

/** An exchange without a client is the workload client's. The engine has no other place between body and client. */
function assumeWorkloads({ OIDCContext }: Provider): void {
  Object.defineProperty(OIDCContext.prototype, 'body', {
    configurable: true,
    get: () => undefined,
    set(this: GrantContext['oidc'] & { ctx: GrantContext }, body: Record<string, unknown>) {
      const anonymous =
        body?.['grant_type'] === TokenExchange.grantType &&
        this.ctx.headers.authorization === undefined &&
        body['client_id'] === undefined &&
        body['client_assertion'] === undefined;
      const value = anonymous ? { ...body, client_id: WORKLOAD_CLIENT.client_id } : body;
      Object.defineProperty(this, 'body', { value, writable: true, configurable: true });
    },
  });
}
