import { randomBytes, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBroker, seal, TransportKey, type Bus } from '@gatehouse/bus';
import {
  appendRecords,
  Failure,
  getAuthKey,
  getSnapshot,
  getVaultKey,
  introspectToken,
  leaseCredential,
  LeaseRequest,
  leaseSessionKeys,
  listEndedAccess,
  listKeys,
  listSnapshots,
  snapshotPublished,
  verifyToken,
  type AccessEnded,
  type CallRecord,
  type Snapshot,
} from '@gatehouse/contracts';
import { createLogger, Front, readConfig, type RunningService } from '@gatehouse/runtime';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { edge } from '../src/index.js';
import { startUpstream, type Upstream } from './upstream.js';

export const PUBLIC_URL = 'http://gate.test';

/** An edge on real HTTP; the other services are played at the other end of their contracts. */
export class EdgeRig {
  readonly broker = new MemoryBroker();
  readonly records: CallRecord[] = [];
  readonly leases: unknown[] = [];
  /** Tokens for which the vault lends nothing. */
  readonly refusedByVault = new Set<string>();
  /** The vault answers when this is done. */
  vaultFree: Promise<void> = Promise.resolve();
  /** What auth says has ended, to whoever asks. */
  readonly ended: AccessEnded[] = [];
  /** The key with which auth signs, as everybody may see it. */
  publicJwk: Record<string, unknown> = {};
  private readonly arrivals = new EventEmitter();
  readonly opaque = new Map<string, { subject: string; tenant: string }>();
  auditDown = false;
  snapshot: Snapshot;
  /** Where set, what policy gives out for a snapshot. */
  snapshotText: string | null = null;
  readonly asked: string[] = [];
  private bus!: Record<'auth' | 'vault' | 'policy' | 'audit', Bus>;
  private running!: RunningService;
  private front!: Front;
  private signer!: CryptoKey;

  private constructor(
    readonly upstream: Upstream,
    readonly folder: string,
  ) {
    this.snapshot = {
      tenant: 'demo',
      version: 1,
      servers: {
        tools: serverEntry('tools', upstream.url),
        keyed: { ...serverEntry('keyed', upstream.url), credential: 'shared' },
      },
      limits: [],
    };
  }

  static async start(
    options: {
      folder?: string;
      env?: Record<string, string>;
      snapshot?: Partial<Snapshot>;
      ended?: AccessEnded[];
    } = {},
  ) {
    const rig = new EdgeRig(
      await startUpstream(),
      options.folder ?? (await mkdtemp(join(tmpdir(), 'edge-'))),
    );
    Object.assign(rig.snapshot, options.snapshot);
    rig.ended.push(...(options.ended ?? []));
    await rig.playOthers();
    const config = readConfig(edge.config, {
      GATEHOUSE_PUBLIC_URL: PUBLIC_URL,
      GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8',
      EDGE_JOURNAL: rig.folder,
      ...options.env,
    });
    rig.running = await edge.start({
      config,
      bus: rig.broker.connect('edge'),
      log: createLogger('edge', 'silent'),
    });
    rig.front = await Front.open({
      host: '127.0.0.1',
      port: 0,
      listener: rig.running.listener,
      notReady: () => rig.running.notReady(),
    });
    return rig;
  }

  get port(): number {
    return this.front.port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  on(service: 'auth' | 'vault' | 'policy' | 'audit'): Bus {
    return this.bus[service];
  }

  /** Publishes the snapshot as it is now, and waits until the edge has it. */
  async publish(): Promise<void> {
    this.snapshot.version++;
    const fetched = once(this.arrivals, `snapshot ${this.snapshot.version}`);
    this.bus.policy.publish(snapshotPublished, { tenant: 'demo', version: this.snapshot.version });
    await fetched;
  }

  /** Resolves when the edge next asks the vault for a lease. */
  async leaseAsked(): Promise<void> {
    await once(this.arrivals, 'lease');
  }

  /** Events in memory are delivered with the next turn of the event loop. */
  async eventsDelivered(): Promise<void> {
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }

  token(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({
      iss: PUBLIC_URL, aud: `${PUBLIC_URL}/demo/mcp/tools/server`, sub: 'person-1', client_id: 'client-1', jti: randomUUID(),
      iat: now, exp: now + 600, scope: 'mcp:read mcp:call', tenant: 'demo', name: 'ada@example.com', teams: ['dev'], gid: 'grant-1',
      ...claims,
    }) // prettier-ignore
      .setProtectedHeader({ alg: 'ES256', kid: 'key-1', typ: 'at+jwt', ...header })
      .sign(this.signer);
  }

  /** A POST of one message with everything that a good client sends. */
  async post(
    message: unknown,
    options: { path?: string; token?: string | null; headers?: Record<string, string> } = {},
  ) {
    const token = options.token === undefined ? await this.token() : options.token;
    return fetch(`${this.origin}${options.path ?? '/demo/mcp/tools/server'}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...options.headers,
      },
      body: typeof message === 'string' ? message : JSON.stringify(message),
    });
  }

  /** Resolves with the first record that fits, as soon as audit has been given it. */
  recorded(fits: (record: CallRecord) => boolean): Promise<CallRecord> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.records.find(fits);
        if (found) resolve(found);
        else this.arrivals.once('records', look);
      };
      look();
    });
  }

  async stop(options: { keepFolder?: boolean } = {}): Promise<void> {
    await this.front.drain(true);
    await this.running.close();
    await this.upstream.close();
    if (!options.keepFolder) await rm(this.folder, { recursive: true, force: true });
  }

  private async playOthers(): Promise<void> {
    const connect = (service: 'auth' | 'vault' | 'policy' | 'audit') => this.broker.connect(service);
    this.bus = {
      auth: connect('auth'),
      vault: connect('vault'),
      policy: connect('policy'),
      audit: connect('audit'),
    };
    await this.playAuth();
    await this.playVault();
    this.bus.policy.handle(listSnapshots, () => ({ versions: { demo: this.snapshot.version } }));
    this.bus.policy.handle(getSnapshot, () => {
      setImmediate(() => setImmediate(() => this.arrivals.emit(`snapshot ${this.snapshot.version}`)));
      return {
        version: this.snapshot.version,
        parts: 1,
        json: this.snapshotText ?? JSON.stringify(this.snapshot),
      };
    });
    this.bus.audit.handle(appendRecords, ({ records }) => {
      if (this.auditDown) throw new Failure('database.unavailable');
      this.records.push(...records);
      this.arrivals.emit('records');
      return { accepted: records.length, repeated: 0 };
    });
  }

  private async playAuth(): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    this.signer = privateKey;
    this.publicJwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'ES256', use: 'sig' };
    this.bus.auth.handle(listKeys, () => {
      this.asked.push('keys');
      return { issuer: PUBLIC_URL, keys: [this.publicJwk as { kty: string }] };
    });
    this.bus.auth.handle(listEndedAccess, () => ({ items: this.ended }));
    const key = await TransportKey.create();
    this.bus.auth.handle(getAuthKey, () => ({ key: key.publicJwk }));
    this.bus.auth.handle(verifyToken, () => {
      throw new Failure('auth.unknown_token');
    });
    this.bus.auth.handle(introspectToken, ({ hash }) => {
      this.asked.push('introspect');
      const found = this.opaque.get(hash);
      if (!found) throw new Failure('auth.unknown_token');
      const subject = { type: 'user' as const, id: found.subject, name: `${found.subject}@example.com` };
      return { tenant: found.tenant, subject, teams: [], admin: false, token: 'pat-1', expires: null };
    });
  }

  private async playVault(): Promise<void> {
    const key = await TransportKey.create();
    const sessionKeys = { keys: [{ id: 'k1', key: randomBytes(32).toString('base64url') }] };
    this.bus.vault.handle(getVaultKey, () => ({ key: key.publicJwk }));
    this.bus.vault.handle(leaseSessionKeys, async ({ recipient }) => ({
      sealed: await seal(sessionKeys, recipient),
    }));
    this.bus.vault.handle(leaseCredential, async ({ sealed }) => {
      const request = await key.open(sealed, LeaseRequest);
      this.leases.push(request);
      this.arrivals.emit('lease');
      await this.vaultFree;
      if (this.refusedByVault.has(request.token)) throw new Failure('vault.request_refused');
      const lease = {
        credential: 'credential-1',
        headers: { Authorization: 'Bearer upstream-secret-1', 'X-Upstream-Key': 'upstream-key-1' },
        keepMs: 60_000,
      };
      return { sealed: await seal(lease, request.recipient) };
    });
  }
}

export function serverEntry(name: string, url: string): Snapshot['servers'][string] {
  return {
    name,
    url,
    credential: 'none',
    headers: {},
    disabledTools: [],
    enabledTools: null,
    grants: { 'team:dev': { rule: 'grant-dev', tools: '*' } },
  };
}

export function toolCall(name = 'echo', args: unknown = { text: 'hello' }, id: unknown = 1) {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } };
}
