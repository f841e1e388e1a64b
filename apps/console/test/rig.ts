import { createHash, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Bus, MemoryBroker, seal, TransportKey } from '@gatehouse/bus';
import * as contracts from '@gatehouse/contracts';
import { Failure } from '@gatehouse/contracts';
import { createLogger, type RunningService } from '@gatehouse/runtime';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { consoleService } from '../src/index.js';

export const PUBLIC_URL = 'http://gate.test';
export const AUDIENCE = `${PUBLIC_URL}/api/v1`;
export const METADATA = `${PUBLIC_URL}/.well-known/oauth-protected-resource/api/v1`;

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

interface Sent {
  token?: string | null;
  body?: string | Buffer;
  type?: string;
  headers?: Record<string, string>;
}

const PERSON = { type: 'user', id: 'p1', name: 'jane@x.test' } as const;

/** The admin API over real HTTP, with the services behind it played on a bus in memory. */
export class Rig {
  readonly broker = new MemoryBroker();
  readonly auth = this.broker.connect('auth');
  readonly policy = this.broker.connect('policy');
  readonly audit = this.broker.connect('audit', { onBug: () => undefined });
  readonly bus: Bus = this.broker.connect('console');
  /** What the services behind were asked, newest last. */
  readonly asked: { subject: string; body: unknown }[] = [];
  readonly servers = ['alpha', 'beta', 'gamma'];
  /** Servers that only an administrator sees. */
  readonly hidden = new Set(['gamma']);
  readonly personalAccessTokens = new Map<string, { admin: boolean }>();
  readonly ended: contracts.AccessEnded[] = [];
  /** What a search of the records throws, if anything. */
  searchFailure: Error | null = null;
  private keys = generateKeyPair('ES256');
  private server: Server | undefined;
  private running: RunningService | undefined;

  async start({ auth = true } = {}): Promise<this> {
    if (auth) await this.playAuth();
    await this.playPolicy();
    this.playAudit();
    const config = { GATEHOUSE_PUBLIC_URL: PUBLIC_URL };
    this.running = await consoleService.start({ config, bus: this.bus, log: createLogger('test', 'silent') });
    this.server = createServer(this.running.listener);
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.server?.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    this.server?.close();
    await this.bus.drain();
    await this.running?.close();
  }

  /** Calls as an administrator, unless told otherwise. */
  async call(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    const token = sent.token === undefined ? await this.jwt() : sent.token;
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(sent.body !== undefined && { 'content-type': sent.type ?? 'application/json' }),
        ...sent.headers,
      },
      ...(sent.body !== undefined && { body: sent.body }),
    });
    const text = await response.text();
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    return { status: response.status, headers: response.headers, body };
  }

  /** An access token of the authorization server, an administrator's unless told otherwise. */
  async jwt(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const { privateKey } = await this.keys;
    return new SignJWT({
      iss: PUBLIC_URL,
      aud: AUDIENCE,
      sub: PERSON.id,
      name: PERSON.name,
      tenant: 'demo',
      teams: ['dev'],
      admin: true,
      scope: 'api',
      client_id: 'client1',
      gid: 'grant1',
      jti: randomUUID(),
      iat: now,
      exp: now + 600,
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k1', ...header })
      .sign(privateKey);
  }

  async publicKeyText(): Promise<string> {
    return JSON.stringify(await exportJWK((await this.keys).publicKey));
  }

  private hear(subject: string, body: unknown): void {
    this.asked.push({ subject, body });
  }

  private async playAuth(): Promise<void> {
    const { auth } = this;
    const jwk = { ...(await exportJWK((await this.keys).publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
    auth.handle(contracts.listKeys, () => ({
      issuer: PUBLIC_URL,
      keys: [jwk] as { kty: string }[],
    }));
    auth.handle(contracts.listEndedAccess, () => ({ items: this.ended }));
    auth.handle(contracts.introspectToken, ({ hash }) => {
      this.hear('introspect', { hash });
      const found = [...this.personalAccessTokens].find(
        ([token]) => createHash('sha256').update(token).digest('base64url') === hash,
      );
      if (!found) throw new Failure('auth.unknown_token');
      return {
        tenant: 'demo',
        subject: PERSON,
        teams: ['dev'],
        admin: found[1].admin,
        token: 't1',
        expires: null,
      };
    });
    const made = { id: 't9', name: 'ci', created: '2026-11-24T00:00:00Z', expires: null, lastUsed: null };
    auth.handle(contracts.createToken, async (body) => {
      this.hear('create', body);
      return { token: made, sealed: await seal({ token: 'gatehouse_pat_fresh' }, body.recipient) };
    });
    auth.handle(contracts.recordRefusal, (body) => {
      this.hear('refusal', body);
      return {};
    });
    auth.handle(contracts.listTokens, (body) => {
      this.hear('list', body);
      return { items: [made] };
    });
    auth.handle(contracts.revokeToken, (body) => {
      this.hear('revoke', body);
      if (body.id !== 't9') throw new Failure('auth.unknown_token');
      return {};
    });
  }

  private async playPolicy(): Promise<void> {
    const { policy } = this;
    const key = await TransportKey.create();
    policy.handle(contracts.getPolicyKey, () => ({ key: key.publicJwk }));
    policy.handle(contracts.applyManifests, async ({ sealed }) => {
      const bundle = await key.open(sealed, contracts.ManifestBundle);
      this.hear('apply', bundle);
      if (JSON.stringify(bundle).includes('faulty'))
        throw new Failure('policy.invalid_manifest', 'document 1: url: is missing');
      return { changes: [{ kind: 'mcp-server/remote', name: 'alpha', action: 'create' as const, diff: [] }] };
    });
    policy.handle(contracts.deleteServer, (body) => {
      this.hear('delete', body);
      if (!this.servers.includes(body.name)) throw new Failure('policy.unknown_server');
      return {};
    });
    policy.handle(contracts.listServers, (body) => {
      this.hear('servers', body);
      const seen = this.servers.filter((name) => body.asker === null || !this.hidden.has(name));
      const rest = seen.filter((name) => name > (body.after ?? ''));
      const page = rest.slice(0, body.limit);
      return { items: page.map(summary), next: rest.length > page.length ? (page.at(-1) ?? null) : null };
    });
  }

  private playAudit(): void {
    this.audit.handle(contracts.searchCalls, (body) => {
      this.hear('calls', body);
      if (this.searchFailure) throw this.searchFailure;
      return { items: [], next: body.cursor === undefined ? 'page2' : null };
    });
  }
}

function summary(name: string) {
  const text = { type: 'mcp-server/remote', description: '', created: '2026', updated: '2026' };
  return { name, url: `http://${name}.test/mcp`, credential: 'none' as const, ...text };
}
