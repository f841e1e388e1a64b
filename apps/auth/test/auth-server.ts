import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MemoryBroker, seal, TransportKey, type Bus } from '@gatehouse/bus';
import {
  checkAccess,
  deleteSecret,
  Failure,
  getVaultKey,
  leaseAuthKeys,
  leaseSecret,
  PutSecret,
  putSecret,
  type AccessEnded,
  accessEnded,
} from '@gatehouse/contracts';
import { openDatabase } from '@gatehouse/persistence';
import { createLogger, readConfig, Secret, type RunningService } from '@gatehouse/runtime';
import { testDatabase, type ServerMetadata } from '@gatehouse/testing';
import { exportJWK, generateKeyPair } from 'jose';
import { auth } from '../src/index.js';
import { hashPassword } from '../src/people/passwords.js';
import { DatabaseSwitch } from './database-switch.js';

export const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' };

/**
 * The authorization server on a real Postgres and real HTTP, with tiny stand-ins at the other ends of the bus. If there
 * are several replicas, each request goes to the next.
 */
export interface AuthServer {
  readonly origin: string;
  readonly metadata: ServerMetadata;
  readonly running: RunningService;
  /** The bus as the edge, or another service, sees it. */
  connect(service: Bus['service']): Bus;
  /** Resolves when the edge has been told that some access ended. */
  toldEndOf(kind: AccessEnded['kind'], id: unknown): Promise<AccessEnded>;
  /** Server names that nobody may use, or that do not exist. */
  readonly forbidden: Set<string>;
  /** What servers are for, in their owners' words. */
  readonly descriptions: Map<string, string>;
  /** The address of a server of a tenant. */
  resource(server?: string, tenant?: string): string;
  /** Reads or changes the database from outside. */
  sql<T = Record<string, unknown>>(query: string, parameters?: unknown[]): Promise<T[]>;
  /** The service's way to its database. */
  readonly databaseSwitch: DatabaseSwitch;
  close(): Promise<void>;
}

export async function startAuth(
  environment: Record<string, string> = {},
  { policy = true, replicas = 1 } = {},
): Promise<AuthServer> {
  const database = await testDatabase('auth');
  const databaseSwitch = await DatabaseSwitch.before(database.url);
  const listeners: RequestListener[] = [];
  let turn = 0;
  const http = createServer((request, response) => listeners[(turn += 1) % replicas]?.(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const broker = new MemoryBroker();
  const forbidden = new Set(['secret']);
  const descriptions = new Map<string, string>();
  await playVault(broker.connect('vault'));
  if (policy)
    broker.connect('policy').handle(checkAccess, ({ server }) => ({
      allowed: !forbidden.has(server),
      description: descriptions.get(server) ?? `The server ${server}.`,
      scopes: server === 'production' ? [{ name: 'deploy', description: 'Put code into production' }] : [],
    }));
  const edge = new EndedAccessWatch(broker.connect('edge'));
  const config = readConfig(auth.config, {
    GATEHOUSE_PUBLIC_URL: origin,
    DATABASE_URL: databaseSwitch.url,
    GATEHOUSE_ADMIN_EMAIL: ADMIN.email,
    GATEHOUSE_ADMIN_PASSWORD: ADMIN.password,
    ...environment,
  });
  const log = createLogger('auth', process.env['LOG_LEVEL'] ?? 'silent');
  const start = () => auth.start({ config, log, bus: broker.connect('auth') });
  const running = await start();
  const others = await Promise.all(Array.from({ length: replicas - 1 }, start));
  for (const { listener } of [running, ...others]) if (listener) listeners.push(listener);
  const outside = await openDatabase({
    url: new Secret(database.url),
    schema: 'auth',
    entities: [],
    migrations: [],
  });
  return {
    origin,
    metadata: (await (
      await fetch(`${origin}/.well-known/oauth-authorization-server`)
    ).json()) as ServerMetadata,
    running,
    connect: (service) => broker.connect(service),
    toldEndOf: (kind, id) => edge.toldEndOf(kind, id),
    forbidden,
    descriptions,
    resource: (server = 'everything', tenant = 'demo') => `${origin}/${tenant}/mcp/${server}/server`,
    sql: (query, parameters) => outside.acrossTenants((manager) => manager.query(query, parameters)),
    databaseSwitch,
    async close() {
      await outside.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await Promise.all([running, ...others].map((replica) => replica.close()));
      await databaseSwitch.close();
      await database.drop();
    },
  };
}

/** What an edge hears about ended access. */
class EndedAccessWatch {
  private readonly heard: AccessEnded[] = [];
  private readonly news = new EventEmitter();

  constructor(bus: Bus) {
    bus.subscribe(accessEnded, (event) => {
      this.heard.push(event);
      this.news.emit('heard');
    });
  }

  async toldEndOf(kind: AccessEnded['kind'], id: unknown): Promise<AccessEnded> {
    for (;;) {
      const event = this.heard.find((ended) => ended.kind === kind && ended.id === id);
      if (event) return event;
      await once(this.news, 'heard');
    }
  }
}

async function playVault(bus: Bus): Promise<void> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const signing = [{ ...(await exportJWK(privateKey)), kid: 'k1', use: 'sig', alg: 'ES256' }];
  const transportKey = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
  const transport = await exportJWK(transportKey.privateKey);
  bus.handle(leaseAuthKeys, async ({ recipient }) => ({
    sealed: await seal({ signing, transport, cookies: ['a secret for signing cookies'] }, recipient),
  }));
  await keepSecrets(bus);
}

async function keepSecrets(bus: Bus): Promise<void> {
  const key = await TransportKey.create();
  const secrets = new Map<string, string>();
  const placeOf = ({ tenant, kind, name }: Record<string, unknown>) =>
    `${String(tenant)} ${String(kind)} ${String(name)}`;
  bus.handle(getVaultKey, () => ({ key: key.publicJwk }));
  bus.handle(putSecret, async ({ sealed }) => {
    const { value, ...place } = await key.open(sealed, PutSecret);
    secrets.set(placeOf(place), value);
    return {};
  });
  bus.handle(leaseSecret, async ({ recipient, ...place }) => {
    const value = secrets.get(placeOf(place));
    if (value === undefined) throw new Failure('vault.secret_missing');
    return { sealed: await seal({ value }, recipient) };
  });
  bus.handle(deleteSecret, (place) => {
    secrets.delete(placeOf(place));
    return {};
  });
}

export interface TestPerson {
  readonly id: string;
  readonly tenant: string;
  readonly email: string;
  readonly password: string;
  readonly teams: readonly string[];
}

/** Adds a person, with teams, to a tenant that exists. */
export async function addPerson(server: AuthServer, given: Partial<TestPerson> = {}): Promise<TestPerson> {
  const id = randomUUID();
  const person = {
    id,
    tenant: 'demo',
    email: `${id}@example.com`,
    password: `password ${id}`,
    teams: [],
    ...given,
  };
  const { tenant, email } = person;
  await server.sql(
    'INSERT INTO person (id, tenant, email, name, admin, password_hash) VALUES ($1, $2, $3, $3, false, $4)',
    [id, tenant, email, await hashPassword(person.password)],
  );
  for (const team of person.teams) {
    await server.sql('INSERT INTO team (tenant, name) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      tenant,
      team,
    ]);
    await server.sql('INSERT INTO team_member (tenant, team, person) VALUES ($1, $2, $3)', [
      tenant,
      team,
      id,
    ]);
  }
  return person;
}
