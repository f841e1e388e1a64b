import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTHeaderParameters } from 'jose';

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

/** What an ID token is made of. */
export interface Forgery {
  readonly issuer: string;
  readonly header: JWTHeaderParameters;
  readonly claims: Record<string, unknown>;
  readonly key: PrivateKey;
  readonly publicJwk: JWK;
}

/** An identity provider that says whatever a test wants, with its own signature, or none. */
export class EvilIdentityProvider {
  /** Makes the ID token out of an honest one's parts. */
  forge: (honest: Forgery) => Promise<string> | string = signed;
  /** Added to the redirect back to the client. */
  redirect: Record<string, string> = {};
  metadata: Record<string, unknown> = {};
  userinfo: Record<string, unknown> | null = null;
  /** What the groups endpoint answers: status and body. */
  groups: readonly [number, unknown] = [404, {}];
  keys: JWK[] = [];
  readonly requests: { path: string; authorization: string | undefined }[] = [];
  private readonly nonces = new Map<string, string>();

  private constructor(
    readonly issuer: string,
    private readonly server: Server,
    private readonly key: PrivateKey,
    readonly publicJwk: JWK,
  ) {
    this.keys = [publicJwk];
  }

  static async start(): Promise<EvilIdentityProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const publicJwk = { ...(await exportJWK(publicKey)), kid: 'evil', alg: 'RS256', use: 'sig' };
    const started = new EvilIdentityProvider(issuer, server, privateKey, publicJwk);
    server.on('request', (request, response) => void started.answer(request, response));
    return started;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.issuer);
    this.requests.push({ path: url.pathname, authorization: request.headers.authorization });
    const json = (body: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return void json(this.discovery());
      case '/jwks':
        return void json({ keys: this.keys });
      case '/authorize':
        return void response.writeHead(303, { location: this.back(url.searchParams).href }).end();
      case '/token':
        return void json(await this.tokens(new URLSearchParams(await bodyOf(request))));
      case '/userinfo':
        return void json(this.userinfo ?? {});
      case '/groups':
        return void json(this.groups[1], this.groups[0]);
      default:
        return void json({}, 404);
    }
  }

  private discovery(): Record<string, unknown> {
    const { issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
      token_endpoint_auth_methods_supported: ['client_secret_post'],
      ...(this.userinfo && { userinfo_endpoint: `${issuer}/userinfo` }),
      ...this.metadata,
    };
  }

  private back(query: URLSearchParams): URL {
    const code = randomUUID();
    this.nonces.set(code, query.get('nonce') ?? '');
    const target = new URL(query.get('redirect_uri') ?? '');
    const answer = { code, state: query.get('state') ?? '', ...this.redirect };
    for (const [name, value] of Object.entries(answer)) target.searchParams.set(name, value);
    return target;
  }

  private async tokens(body: URLSearchParams): Promise<Record<string, unknown>> {
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      ...{ iss: this.issuer, aud: body.get('client_id') ?? 'gatehouse', sub: 'mallory' },
      ...{ nonce: this.nonces.get(body.get('code') ?? ''), iat: now, exp: now + 300 },
      ...{ email: 'mallory@corp.example', email_verified: true },
    };
    const { issuer, key, publicJwk } = this;
    const header = { alg: 'RS256', kid: 'evil' };
    const id_token = await this.forge({ issuer, header, claims, key, publicJwk });
    return { access_token: 'an access token', token_type: 'Bearer', expires_in: 300, id_token };
  }
}

/** An ID token with a good signature, its parts replaced or taken away (undefined). */
export function signed(
  forgery: Forgery,
  changes: Partial<Pick<Forgery, 'header' | 'claims' | 'key'>> = {},
): Promise<string> {
  const { header, claims, key } = forgery;
  return new SignJWT({ ...claims, ...changes.claims })
    .setProtectedHeader({ ...header, ...changes.header })
    .sign(changes.key ?? key);
}

/** The same without any signature, or with one that is made elsewhere. */
export function unsigned({ header, claims }: Forgery, changes: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ ...header, ...changes })}.${part(claims)}.`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
