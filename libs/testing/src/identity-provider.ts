import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair } from 'jose';
import type { Adapter, AdapterPayload, Provider } from 'oidc-provider';

/** What the provider says of a person, beside `sub`: `email`, `email_verified`, `name`, `groups` ... */
export type TestClaims = Record<string, unknown>;

export interface TestClient {
  readonly client_id: string;
  /** Without: a public client. */
  readonly client_secret?: string;
  readonly redirect_uris: string[];
}

export interface TestIdentityProviderOptions {
  readonly clients: readonly TestClient[];
  /** By the name with which they log in, which is their `sub`. */
  readonly people: Record<string, TestClaims>;
  /** Claims come from the UserInfo endpoint alone, as at Okta. */
  readonly thinTokens?: boolean;
}

/**
 * An organisation's OpenID Connect provider: a real one (oidc-provider) on a port of its own. Its login page has a text
 * box `User` and a button `Log in`, asks for no password and no consent, and remembers the browser.
 */
export class TestIdentityProvider {
  /** Who may not use our client any more: they are sent back with `access_denied`. */
  readonly unassigned = new Set<string>();
  /** While set, every request is answered with this status. */
  brokenWith: number | null = null;
  /** The claims that are given out, to be changed at will. */
  readonly people: Map<string, TestClaims>;
  /** Paths that were asked for. */
  readonly requests: string[] = [];

  private constructor(
    readonly issuer: string,
    private readonly server: Server,
    options: TestIdentityProviderOptions,
  ) {
    this.people = new Map(Object.entries(options.people));
  }

  static async start(options: TestIdentityProviderOptions): Promise<TestIdentityProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const started = new TestIdentityProvider(issuer, server, options);
    const provider = await started.engine(options);
    const handle = provider.callback();
    server.on('request', (request, response) => {
      started.requests.push(request.url ?? '');
      if (started.brokenWith !== null) return response.writeHead(started.brokenWith).end();
      if (request.url?.startsWith('/login/')) return void started.login(provider, request, response);
      void handle(request, response);
    });
    return started;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async engine({ clients, thinTokens = false }: TestIdentityProviderOptions): Promise<Provider> {
    // Loaded here, so that tests which need no provider do not wait for it.
    const { Provider: Engine, errors } = await import('oidc-provider');
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    return new Engine(this.issuer, {
      adapter: inMemory(),
      jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256' }] },
      clients: clients.map((client) => ({
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: client.client_secret === undefined ? 'none' : 'client_secret_post',
        ...client,
      })),
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups', 'hd'] },
      conformIdTokenClaims: thinTokens,
      cookies: { keys: ['for tests'], names: { session: 'idp_session', interaction: 'idp_login' } },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_ctx, { uid }) => `/login/${uid}` },
      ttl: {
        AccessToken: 600,
        AuthorizationCode: 60,
        Grant: 600,
        IdToken: 600,
        Interaction: 600,
        Session: 600,
      },
      findAccount: (_ctx, sub) => {
        const claims = this.people.get(sub);
        return claims && { accountId: sub, claims: () => ({ sub, ...claims }) };
      },
      loadExistingGrant: async ({ oidc }) => {
        const { client, session, provider } = oidc;
        if (!client || !session?.accountId) return undefined;
        if (this.unassigned.has(session.accountId))
          throw new errors.AccessDenied('the person is not assigned');
        const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
        grant.addOIDCScope('openid email profile');
        await grant.save();
        return grant;
      },
    });
  }

  private async login(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') {
      const { params } = await provider.interactionDetails(request, response);
      const hint = textOf(params['login_hint']).replace(/[^\w@.+-]/g, '');
      response
        .setHeader('content-type', 'text/html; charset=utf-8')
        .end(
          `<h1>Log in</h1><form method="post" action="${request.url}"><label for="user">User</label>` +
            `<input id="user" name="user" value="${hint}"><button type="submit">Log in</button></form>`,
        );
      return;
    }
    const user = new URLSearchParams(await text(request)).get('user') ?? '';
    const known = this.people.has(user);
    const interaction = await provider.interactionDetails(request, response);
    const session = await provider.Session.get(provider.createContext(request, response));
    if (session.accountId !== undefined && session.accountId !== user) {
      // The engine would sign the other person out first, by a page with a script.
      delete interaction.session;
      await interaction.persist();
      await session.destroy();
    }
    await provider.interactionFinished(
      request,
      response,
      known ? { login: { accountId: user } } : { error: 'access_denied' },
    );
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The engine's state, for one provider. */
function inMemory(): (model: string) => Adapter {
  const all = new Map<string, AdapterPayload>();
  return (model) => ({
    upsert: async (id, payload) => void all.set(`${model} ${id}`, payload),
    find: async (id) => all.get(`${model} ${id}`),
    findByUid: async (uid) => [...all.values()].find((payload) => payload.uid === uid),
    findByUserCode: async () => undefined,
    consume: async (id) => void Object.assign(all.get(`${model} ${id}`) ?? {}, { consumed: true }),
    destroy: async (id) => void all.delete(`${model} ${id}`),
    revokeByGrantId: async (grant) => {
      for (const [key, { grantId }] of all) if (grantId === grant) all.delete(key);
    },
  });
}
