import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

/**
 * A small real issuer of JWTs, as a cluster, a CI system or an identity provider is: OpenID Connect discovery, a key
 * set, RS256. A loopback address, so that GATEHOUSE_ALLOW_PRIVATE must open it.
 */
export class JwtIssuer {
  /** What was asked for, newest last. */
  readonly asked: string[] = [];
  /** TCP connections so far. */
  connections = 0;
  /** Answers instead of the issuer, if set: an outage, or an attack. */
  instead: RequestListener | null = null;

  private constructor(
    private readonly server: Server,
    private key: SigningKey,
  ) {
    server.on('connection', () => (this.connections += 1));
    server.on('request', (request, response) => {
      this.asked.push(request.url ?? '');
      if (this.instead) return this.instead(request, response);
      const body = this.documents()[request.url ?? ''];
      response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  }

  static async start(): Promise<JwtIssuer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new JwtIssuer(server, await newKey());
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get publicJwk(): JWK {
    return this.key.jwk;
  }

  /** From now on another key signs, and it alone is published. */
  async rotate(): Promise<void> {
    this.key = await newKey();
  }

  /** A JWT, good for five minutes unless told otherwise; `undefined` takes a claim or header away. */
  async sign(claims: JWTPayload, header: { crit?: string[]; [name: string]: unknown } = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const payload = { iss: this.url, iat: now, exp: now + 300, jti: randomUUID(), ...claims };
    return new SignJWT(payload)
      .setProtectedHeader({ alg: 'RS256', kid: this.key.kid, typ: 'JWT', ...header })
      .sign(this.key.privateKey, {
        crit: Object.fromEntries((header.crit ?? []).map((name) => [name, true])),
      });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private documents(): Record<string, unknown> {
    return {
      '/.well-known/openid-configuration': { issuer: this.url, jwks_uri: `${this.url}/keys` },
      '/keys': { keys: [this.key.jwk] },
    };
  }
}

async function newKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const kid = randomUUID();
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
}
