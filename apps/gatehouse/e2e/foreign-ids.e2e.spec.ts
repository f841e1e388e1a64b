import { randomUUID } from 'node:crypto';
import { seal, TransportKey } from '@gatehouse/bus';
import {
  addPerson,
  addTeam,
  applyManifests,
  createClient,
  createServiceAccount,
  createServiceAccountToken,
  createToken,
  getPerson,
  getPolicyKey,
  listPeople,
  NewTokenSecret,
} from '@gatehouse/contracts';
import { openDatabase } from '@gatehouse/persistence';
import { Secret } from '@gatehouse/runtime';
import { jest } from '@jest/globals';
import { AdminApi } from './admin-api.js';
import { ADMIN } from './shape.js';

jest.setTimeout(120_000);

interface Operation {
  readonly method: string;
  readonly path: string;
  /** A body that is well-formed, as far as the description says. */
  readonly body: unknown;
}

let api: AdminApi;
let operations: Operation[];
/** What the other tenant has, by the parameter that would name it. */
const foreign = new Map<RegExp, string>();
let foreignPerson: string;
const tokens = new Map<string, string>();
const key = TransportKey.create();

beforeAll(async () => {
  api = await AdminApi.start();
  const database = await openDatabase({
    ...{ url: new Secret(api.authDatabase), schema: 'auth', entities: [], migrations: [] },
  });
  await database.acrossTenants((manager) => manager.query("INSERT INTO tenant (name) VALUES ('other')"));
  await furnish();
  const [approval] = await database.acrossTenants<{ id: string }[]>((manager) =>
    manager.query(
      `INSERT INTO approval (tenant, person, client, redirect, resource, scopes, approved)
       VALUES ('other', $1, 'c', 'http://localhost/', 'x', '{}', now()) RETURNING id`,
      [foreignPerson],
    ),
  );
  foreign.set(/approval/, approval?.id ?? '');
  await database.close();
  const { items } = await api.as('console').request(listPeople, { tenant: 'demo', email: ADMIN.email });
  tokens.set('an administrator', await personalToken('demo', items[0]?.id ?? ''));
  tokens.set('a person', await personalToken('demo', (await person('demo', 'someone@example.com')).id));
  operations = await describedOperations();
}, 60_000);
afterAll(() => api?.stop());

async function person(tenant: string, email: string) {
  const recipient = (await key).publicJwk;
  const invited = { tenant, email, name: email, by: 'a test', recipient };
  return (await api.as('console').request(addPerson, invited)).person;
}

async function personalToken(tenant: string, of: string): Promise<string> {
  const recipient = (await key).publicJwk;
  const made = await api.as('console').request(createToken, { tenant, person: of, name: 'test', recipient });
  if (tenant === 'other') foreign.set(/^\/api\/v1\/me\/tokens/, made.token.id);
  return (await (await key).open(made.sealed, NewTokenSecret)).token;
}

/** One of everything in the other tenant. */
async function furnish(): Promise<void> {
  const bus = api.as('console');
  const recipient = (await key).publicJwk;
  foreignPerson = (await person('other', 'foreign@example.com')).id;
  foreign.set(/^\/api\/v1\/users/, foreignPerson);
  await personalToken('other', foreignPerson);
  const team = await bus.request(addTeam, { tenant: 'other', name: 'foreign', by: 'a test' });
  foreign.set(/^\/api\/v1\/groups/, team.id);
  const { client } = await bus.request(createClient, {
    ...{ tenant: 'other', by: 'a test', authentication: 'none', recipient },
    settings: { name: 'foreign', redirectUris: ['http://127.0.0.1/'], jwksUri: null },
  });
  foreign.set(/^\/api\/v1\/clients/, client.id);
  const account = { tenant: 'other', name: 'foreign', by: 'a test' };
  const settings = { description: '', teams: [], roles: [], clients: [], suspended: false };
  await bus.request(createServiceAccount, { ...account, settings });
  const made = await bus.request(createServiceAccountToken, { ...account, token: 'x', recipient });
  foreign.set(/service-accounts\/.*\/tokens/, made.token.id);
  const { key: policyKey } = await bus.request(getPolicyKey, {});
  const manifest = { type: 'mcp-server/remote', name: 'foreign', url: 'http://127.0.0.1:1/mcp' };
  const bundle = { tenant: 'other', by: 'e2e', dryRun: false, documents: [manifest] };
  await bus.request(applyManifests, { sealed: await seal(bundle, policyKey) });
}

type Json = Record<string, unknown>;

async function describedOperations(): Promise<Operation[]> {
  const { body } = await api.call('GET', '/api/v1/openapi.json');
  return Object.entries(body['paths'] as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const content = (operation['requestBody'] as { content?: Record<string, { schema: Json }> } | undefined)
        ?.content;
      const schema = content?.['application/json']?.schema;
      return { method: method.toUpperCase(), path, body: schema && sample(schema) };
    }),
  );
}

/** The least that fits a schema. */
function sample(schema: Json): unknown {
  const {
    type,
    properties = {},
    required = [],
    enum: values,
    default: given,
    format,
  } = schema as {
    type?: string;
    properties?: Record<string, Json>;
    required?: string[];
    enum?: unknown[];
    default?: unknown;
    format?: string;
  };
  if (given !== undefined) return given;
  if (values) return values[0];
  if (type === 'object')
    return Object.fromEntries(required.map((name) => [name, sample(properties[name] ?? {})]));
  if (type === 'array') return [];
  if (type === 'boolean') return false;
  if (type === 'integer' || type === 'number') return 90;
  return format === 'uri' ? 'https://x.example' : 'a sample text of some length';
}

/** Fills in the last parameter of a path, and those before with what is there. */
function filled(path: string, last: string): string {
  const names = [...path.matchAll(/\{\w+\}/g)].map(([name]) => name);
  return names.reduce((filledPath, name, at) => {
    const isLast = at === names.length - 1;
    return filledPath.replace(name, isLast ? last : foreignFor(filledPath.split(name)[0] ?? ''));
  }, path);
}

function foreignFor(path: string): string {
  const fit = [...foreign].filter(([pattern]) => pattern.test(path));
  return fit.at(-1)?.[1] ?? 'foreign';
}

const unknownLike = (id: string) => (id === 'foreign' ? 'unknown' : randomUUID());

it('whoever names something of another tenant is told what they are told of nothing at all, at every address', async () => {
  // PUT makes what is not there yet, under a name of the caller's own choice
  const named = operations.filter(({ method, path }) => path.includes('{') && method !== 'PUT');
  expect(named.length).toBeGreaterThan(20);
  for (const [role, token] of [...tokens, ['a stranger', undefined]] as [string, string | undefined][])
    for (const { method, path, body } of named) {
      const id = foreignFor(path);
      const sent = { ...(token !== undefined && { token }), ...(body !== undefined && { body }) };
      const theirs = await api.call(method, filled(path, id), sent);
      const nobodys = await api.call(method, filled(path, unknownLike(id)), sent);
      const what = `${role}: ${method} ${path}`;
      expect([what, theirs]).toEqual([what, nobodys]);
      const everybodys =
        path.startsWith('/api/v1/me/') || (path.startsWith('/api/v1/servers/') && method === 'GET');
      const expected = role === 'a stranger' ? 401 : role === 'a person' && !everybodys ? 403 : 404;
      expect([what, theirs.status]).toEqual([what, expected]);
    }
  const untouched = await api.as('console').request(getPerson, { tenant: 'other', person: foreignPerson });
  expect(untouched).toMatchObject({ email: 'foreign@example.com', suspended: false, admin: false });
});

it('a person who is no administrator is refused at every address for administrators, and that is noted', async () => {
  const token = tokens.get('a person') ?? '';
  const forbidden: string[] = [];
  for (const { method, path, body } of operations) {
    const { status } = await api.call(method, filled(path, randomUUID()), {
      ...{ token, ...(body !== undefined && { body }) },
    });
    if (status === 403) forbidden.push(`${method} ${path}`);
  }
  for (const always of [
    'POST /api/v1/users',
    'GET /api/v1/users',
    'PATCH /api/v1/users/{id}',
    'GET /api/v1/security-events',
  ])
    expect(forbidden).toContain(always);
  const admin = tokens.get('an administrator') ?? '';
  const events = await api.call('GET', '/api/v1/security-events?kind=admin_api.refused', { token: admin });
  expect((events.body['items'] as unknown[]).length).toBeGreaterThan(0);
});

it('nobody gets more by a member of a body that is not asked for, and nobody promotes themselves', async () => {
  const admin = tokens.get('an administrator') ?? '';
  const token = tokens.get('a person') ?? '';
  const me = (await api.call('GET', '/api/v1/me', { token })).body['subject'] as { id: string };
  const own = `/api/v1/users/${me.id}`;
  const more = {
    tenant: 'other',
    owner: foreignPerson,
    generation: 9,
    id: foreignPerson,
    teams: ['dev'],
    role: 'admin',
  };
  for (const [name, value] of Object.entries(more)) {
    const body = { email: 'new@example.com', [name]: value };
    expect([name, (await api.call('POST', '/api/v1/users', { token: admin, body })).status]).toEqual([
      name,
      400,
    ]);
    const change = { token: admin, body: { [name]: value } };
    expect([name, (await api.call('PATCH', own, change)).status]).toEqual([name, 400]);
  }
  expect((await api.call('PATCH', own, { token, body: { admin: true } })).status).toBe(403);
  expect((await api.call('GET', own, { token: admin })).body).toMatchObject({ admin: false, teams: [] });
  const invited = await api.call('POST', '/api/v1/users', {
    token: admin,
    body: { email: 'New@Example.com' },
  });
  expect([invited.status, invited.body]).toEqual([
    201,
    {
      user: expect.objectContaining({ email: 'new@example.com', admin: false }) as unknown,
      passwordLink: expect.stringMatching(`^${api.url}/password\\?token=gatehouse_password_`) as unknown,
    },
  ]);
});
