import { randomBytes } from 'node:crypto';
import { MemoryBroker, seal, TransportKey, type Bus } from '@gatehouse/bus';
import {
  AuthKeys,
  CredentialLease,
  Failure,
  getAuthKey,
  getVaultKey,
  leaseAuthKeys,
  leaseCredential,
  type LeaseRequest,
  listEndedAccess,
  listKeys,
  putCredential,
  verifyToken,
  type AccessEnded,
  type ServiceName,
} from '@gatehouse/contracts';
import { readConfig } from '@gatehouse/runtime';
import { importJWK, SignJWT, type JWTPayload } from 'jose';
import { pino } from 'pino';
import type { z } from 'zod';
import { vault } from '../src/index.js';

export const PUBLIC_URL = 'https://gate.example';
export const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

type LeaseRequest = z.input<typeof LeaseRequest>;
type Connect = (service: ServiceName) => Bus | Promise<Bus>;

export interface VaultOptions {
  url: string;
  masterKey?: string | undefined;
  environment?: Readonly<Record<string, string>>;
  /** A connection to the broker on which the vault and its callers meet. */
  connect?: Connect;
}

/** A running vault and those who talk to it. */
export class TestVault {
  /** What auth says has ended, to whoever asks. */
  readonly ended: AccessEnded[] = [];

  private constructor(
    readonly edge: Bus,
    readonly policy: Bus,
    readonly auth: Bus,
    readonly console: Bus,
    private readonly lines: string[],
    readonly close: () => Promise<void>,
    readonly notReady: () => string | null,
  ) {}

  static async start({
    url,
    masterKey = MASTER_KEY,
    environment: more = {},
    connect,
  }: VaultOptions): Promise<TestVault> {
    const lines: string[] = [];
    const broker = new MemoryBroker();
    const onBug = (error: unknown) => void lines.push(String(error));
    const join = connect ?? ((service: ServiceName) => broker.connect(service, { onBug }));
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const environment = {
      DATABASE_URL: url,
      GATEHOUSE_PUBLIC_URL: PUBLIC_URL,
      GATEHOUSE_MASTER_KEY: masterKey,
      ...more,
    };
    const buses = await Promise.all(
      (['vault', 'edge', 'policy', 'auth', 'console'] as const).map(async (service) => join(service)),
    );
    const [own, edge, policy, auth, admin] = buses as [Bus, Bus, Bus, Bus, Bus];
    const drain = () => Promise.all(buses.map((bus) => bus.drain()));
    const config = readConfig(vault.config, environment);
    const running = await vault.start({ config, bus: own, log }).catch(async (error: unknown) => {
      await drain();
      throw error;
    });
    const close = async () => {
      await drain();
      await running.close();
    };
    const started = new TestVault(edge, policy, auth, admin, lines, close, running.notReady);
    auth.handle(listKeys, () => started.publicKeys());
    auth.handle(listEndedAccess, () => ({ items: started.ended }));
    auth.handle(getAuthKey, async () => ({ key: (await TransportKey.create()).publicJwk }));
    auth.handle(verifyToken, () => {
      throw new Failure('auth.unknown_token');
    });
    return started;
  }

  /** What auth tells about the keys that it leased. */
  private async publicKeys() {
    const { signing } = await this.authKeys();
    return { issuer: PUBLIC_URL, keys: signing.map(({ d: _, ...publicJwk }) => publicJwk) };
  }

  get log(): string {
    return this.lines.join('');
  }

  async put(server: string, headers: Record<string, string>, tenant = 'demo'): Promise<string> {
    const { key } = await this.policy.request(getVaultKey, {});
    const sealed = await seal({ tenant, server, headers }, key);
    return (await this.policy.request(putCredential, { sealed })).credential;
  }

  /** Leases as an honest edge does, but for what `changes` says. */
  async lease(
    server: string,
    changes: Partial<LeaseRequest> = {},
  ): Promise<z.output<typeof CredentialLease>> {
    const own = await TransportKey.create();
    const tenant = changes.tenant ?? 'demo';
    const resource = `${PUBLIC_URL}/${tenant}/mcp/${server}/server`;
    const request: LeaseRequest = {
      tenant,
      server,
      resource,
      token: changes.token ?? (await this.token({ tenant, aud: resource })),
      nonce: randomBytes(16).toString('base64url'),
      issuedAt: Date.now(),
      recipient: own.publicJwk,
      ...changes,
    };
    const { key } = await this.edge.request(getVaultKey, {});
    const reply = await this.edge.request(leaseCredential, { sealed: await seal(request, key) });
    return own.open(reply.sealed, CredentialLease);
  }

  async authKeys(): Promise<z.output<typeof AuthKeys>> {
    const own = await TransportKey.create();
    const { sealed } = await this.auth.request(leaseAuthKeys, { recipient: own.publicJwk });
    return own.open(sealed, AuthKeys);
  }

  /** An access token as the authorization server signs it, but for what `claims` and `header` say. */
  async token(claims: JWTPayload, header: { typ?: string; kid?: string } = {}): Promise<string> {
    const [jwk] = (await this.authKeys()).signing;
    if (!jwk) throw new Error('the vault leased no signing key');
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({
      iss: PUBLIC_URL, sub: 'jane', name: 'jane@example.com', client_id: 'client-1', jti: 'token-1',
      iat: now, exp: now + 600, tenant: 'demo', ...claims,
    }) // prettier-ignore
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: jwk.kid, ...header })
      .sign(await importJWK(jwk, 'ES256'));
  }
}
