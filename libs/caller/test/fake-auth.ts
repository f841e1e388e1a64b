import { hash } from 'node:crypto';
import { TransportKey, type Bus } from '@gatehouse/bus';
import {
  Failure,
  getAuthKey,
  introspectToken,
  listEndedAccess,
  listKeys,
  verifyToken,
  VerifyToken,
  type AccessEnded,
  type TokenOwner,
} from '@gatehouse/contracts';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTHeaderParameters } from 'jose';

export const ISSUER = 'https://gate.example';
export const RESOURCE = `${ISSUER}/demo/mcp/tools/server`;
export const RESOURCE_OF_ACME = `${ISSUER}/acme/mcp/tools/server`;

/** The other end of what a verifier asks auth; signs tokens as auth does. */
export class FakeAuth {
  readonly ended: AccessEnded[] = [];
  /** Owners of opaque tokens, and of JWTs of other issuers, by token. */
  readonly opaque = new Map<string, Partial<TokenOwner>>();
  readonly foreign = new Map<string, Partial<TokenOwner>>();
  readonly asked: string[] = [];
  /** Everything that came over the bus, as text. */
  heard = '';
  readonly opened: unknown[] = [];
  private readonly keys = new Map<string, { jwk: { kty: string }; privateKey: CryptoKey }>();
  private transport!: TransportKey;

  private free: Promise<void> = Promise.resolve();

  private constructor(readonly bus: Bus) {}

  static async on(bus: Bus): Promise<FakeAuth> {
    const auth = new FakeAuth(bus);
    await auth.changeTransportKey();
    await auth.addKey('key-1');
    auth.answerOn(bus);
    return auth;
  }

  async changeTransportKey(): Promise<void> {
    this.transport = await TransportKey.create();
  }

  async addKey(kid: string): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { kty: 'EC', ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
    this.keys.set(kid, { jwk, privateKey });
  }

  /** What is asked from now on is answered when the function returned is called. */
  hold(): () => void {
    let release = () => {};
    this.free = new Promise((resolve) => (release = resolve));
    return () => release();
  }

  dropKey(kid: string): void {
    this.keys.delete(kid);
  }

  /** Signed with the key of that `kid` where there is one. */
  token(claims: Record<string, unknown> = {}, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const iat = Math.floor(Date.now() / 1_000);
    const kid = header.kid ?? 'key-1';
    const signer = this.keys.get(kid) ?? this.keys.get('key-1');
    if (!signer) throw new Error('auth has no key');
    return new SignJWT({
      iss: ISSUER, aud: RESOURCE, sub: 'ada', name: 'ada@example.com', tenant: 'demo', teams: ['dev'],
      client_id: 'client-1', gid: 'grant-1', jti: 'jti-1', gen: 0, iat, exp: iat + 600, ...claims,
    }) // prettier-ignore
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header, kid })
      .sign(signer.privateKey);
  }

  answerOn(bus: Bus): void {
    bus.handle(listKeys, () => {
      this.asked.push('keys');
      return { issuer: ISSUER, keys: [...this.keys.values()].map(({ jwk }) => jwk) };
    });
    bus.handle(listEndedAccess, () => {
      this.asked.push('ended');
      return { items: this.ended };
    });
    bus.handle(getAuthKey, () => ({ key: this.transport.publicJwk }));
    bus.handle(introspectToken, async (request) => {
      this.asked.push('introspect');
      this.heard += JSON.stringify(request);
      const found = [...this.opaque].find(([token]) => hash('sha256', token, 'base64url') === request.hash);
      await this.free;
      return ownerOf(found?.[1]);
    });
    bus.handle(verifyToken, async (request) => {
      this.heard += JSON.stringify(request);
      const opened = await this.transport.open(request.sealed, VerifyToken);
      this.opened.push(opened);
      return ownerOf(this.foreign.get(opened.token));
    });
  }
}

function ownerOf(owner: Partial<TokenOwner> | undefined): TokenOwner {
  if (!owner) throw new Failure('auth.unknown_token');
  const subject = { type: 'user' as const, id: 'ada', name: 'ada@example.com' };
  const found = { tenant: 'demo', subject, teams: [], roles: [], admin: false, token: 'token-1' };
  return { ...found, expires: null, ...owner };
}
