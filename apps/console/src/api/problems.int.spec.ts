import { request } from 'node:http';
import { Failure } from '@gatehouse/contracts';
import { PUBLIC_URL, Rig } from '../../test/rig.js';
import { BODY_LIMIT } from './read-body.js';

const YAML = { type: 'application/yaml' };

describe('the admin API refuses', () => {
  let rig: Rig;
  beforeAll(async () => void (rig = await new Rig().start()));
  afterAll(() => rig.stop());

  it('an address where nothing is, as a problem with a code', async () => {
    const { status, headers, body } = await rig.call('GET', '/api/v1/nothing?x=1');
    expect(status).toBe(404);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(body).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'There is nothing at this address.',
      code: 'api.not_found',
    });
  });

  it.each(['/API/V1/me', '/api/v1/me/', '//api/v1/me', '/api/v1/./me;x', '/api/v1/%00', '/api/v1/%E0%A4%A'])(
    'another spelling of an address: %s',
    async (path) => {
      const { status, headers } = await rawGet(rig, path);
      expect([400, 404]).toContain(status);
      expect(headers['content-type']).toContain('application/problem+json');
    },
  );

  it('a method that an address does not have, naming those it has', async () => {
    const put = await rig.call('PUT', '/api/v1/me/tokens/t9');
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'DELETE']);
    const patch = await rig.call('PATCH', '/api/v1/servers/alpha');
    expect([patch.status, patch.headers.get('allow')]).toEqual([405, 'GET, DELETE']);
  });

  it.each([
    ['/api/v1/calls?colour=red', 'query', /colour/],
    ['/api/v1/calls?limit=0', 'query.limit', />=1/],
    ['/api/v1/calls?limit=many', 'query.limit', /number/],
    ['/api/v1/calls?status=fine', 'query.status', /"ok"/],
    ['/api/v1/calls?server=a&server=b', 'query.server', /string/],
    ['/api/v1/calls?from=yesterday', 'query.from', /datetime/],
    ['/api/v1/servers/Bad_Name', 'path.name', /lower-case/],
    ['/api/v1/servers?__proto__=x', 'query', /__proto__/],
  ])('%s, naming the place', async (path, place, message) => {
    const { status, body } = await rig.call('GET', path);
    expect([status, body['code']]).toEqual([400, 'api.invalid_request']);
    expect(body['errors']).toEqual([{ place, message: expect.stringMatching(message) }]);
  });

  it('a body of a type that is not read, or that is compressed', async () => {
    const xml = await rig.call('POST', '/api/v1/apply', { body: '<a/>', type: 'text/xml' });
    expect([xml.status, xml.body['detail']]).toEqual([415, expect.stringContaining('application/yaml')]);
    const packed = { body: 'x', ...YAML, headers: { 'content-encoding': 'gzip' } };
    expect((await rig.call('POST', '/api/v1/apply', packed)).status).toBe(415);
  });

  it('a body one byte over the limit, and takes one at the limit', async () => {
    // what is sealed must also fit into one message of the bus, so most of it is a comment
    const ofSize = (bytes: number) => ({ body: 'a: 1 #'.padEnd(bytes, 'x'), ...YAML });
    expect((await rig.call('POST', '/api/v1/apply', ofSize(BODY_LIMIT + 1))).status).toBe(413);
    expect((await rig.call('POST', '/api/v1/apply', ofSize(BODY_LIMIT))).status).toBe(200);
  });

  it('manifests that would not fit into one message of the bus', async () => {
    const body = JSON.stringify({ a: 'x'.repeat(900_000) });
    expect((await rig.call('POST', '/api/v1/apply', { body })).status).toBe(413);
  });

  it.each([
    ['a: 1\nb: 2\na: 3\n', 'document 1, line 3, column 1', /unique/],
    ['a: 1\n---\nb: [1\n', /^document 2, line/, /./],
    ['- just\n- a list\n', 'body.0', /record|object/],
    ['# nothing\n', 'body', /no manifest/],
    [
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(9)}]\nc: [${'*b,'.repeat(99)}]\n`,
      'document 1',
      /alias/,
    ],
  ])('YAML %j', async (yaml, place, message) => {
    const { status, body } = await rig.call('POST', '/api/v1/apply', { body: yaml, ...YAML });
    expect([status, body['code']]).toEqual([400, 'api.invalid_request']);
    const expectedPlace = typeof place === 'string' ? place : expect.stringMatching(place);
    expect(body['errors']).toEqual([{ place: expectedPlace, message: expect.stringMatching(message) }]);
  });

  it.each([
    ['{"name":"a","name":"b"}', 'body.name', /repeated/],
    ['{"name":"a"', 'body', /not JSON/],
    ['{"name":"a","admin":true}', 'body', /admin/],
    ['{"name":"a","expiresInDays":0}', 'body.expiresInDays', />=1/],
    ['{"__proto__":{"name":"a"}}', 'body.__proto__', /not accepted/],
    [Buffer.from([0x22, 0xff, 0x22]), 'body', /UTF-8/],
  ])('JSON %s', async (json, place, message) => {
    const { status, body } = await rig.call('POST', '/api/v1/me/tokens', { body: json });
    expect(status).toBe(400);
    expect(body['errors']).toEqual([{ place, message: expect.stringMatching(message) }]);
  });

  it('with the words of the service behind it', async () => {
    const { status, body } = await rig.call('POST', '/api/v1/apply', { body: 'name: faulty', ...YAML });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'policy.invalid_manifest', detail: 'document 1: url: is missing' });
  });
});

describe('our own trouble', () => {
  let rig: Rig;
  beforeEach(async () => void (rig = await new Rig().start()));
  afterEach(() => rig.stop());

  it('is 503 with Retry-After where a service is not running, and names no subject', async () => {
    await rig.audit.drain();
    const { status, headers, body } = await rig.call('GET', '/api/v1/calls');
    expect([status, body['code'], headers.get('retry-after')]).toEqual([503, 'bus.no_responder', '5']);
    expect(JSON.stringify(body)).not.toContain('audit');
  });

  it.each([
    ['a bug', new Error('SELECT secret FROM vault'), 500, 'internal'],
    ['the database', new Failure('database.unavailable', 'host db7'), 503, 'database.unavailable'],
  ])('tells nothing of where it lies: %s', async (_, error, status, code) => {
    rig.searchFailure = error;
    const answer = await rig.call('GET', '/api/v1/calls');
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(JSON.stringify(answer.body)).not.toMatch(/SELECT|db7/);
  });
});

describe('the description', () => {
  let rig: Rig;
  beforeAll(async () => void (rig = await new Rig().start()));
  afterAll(() => rig.stop());

  it('describes every route that it serves', async () => {
    const { status, body } = await rig.call('GET', '/api/v1/openapi.json', { token: null });
    expect(status).toBe(200);
    const paths = body['paths'] as Record<string, Record<string, unknown>>;
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual([
      'DELETE /api/v1/clients/{id}',
      'DELETE /api/v1/clients/{id}/block',
      'DELETE /api/v1/groups/{id}',
      'DELETE /api/v1/identity-providers/{name}',
      'DELETE /api/v1/issuers/{name}',
      'DELETE /api/v1/me/approvals/{id}',
      'DELETE /api/v1/me/sessions',
      'DELETE /api/v1/me/sessions/{id}',
      'DELETE /api/v1/me/tokens',
      'DELETE /api/v1/me/tokens/{id}',
      'DELETE /api/v1/servers/{name}',
      'DELETE /api/v1/service-accounts/{name}',
      'DELETE /api/v1/service-accounts/{name}/tokens',
      'DELETE /api/v1/service-accounts/{name}/tokens/{id}',
      'DELETE /api/v1/users/{id}',
      'DELETE /api/v1/users/{id}/approvals/{approval}',
      'DELETE /api/v1/users/{id}/sessions/{session}',
      'DELETE /api/v1/users/{id}/tokens',
      'GET /.well-known/oauth-protected-resource/api/v1',
      'GET /api/v1/calls',
      'GET /api/v1/clients',
      'GET /api/v1/clients/{id}',
      'GET /api/v1/groups',
      'GET /api/v1/groups/{id}',
      'GET /api/v1/groups/{id}/members',
      'GET /api/v1/identity-providers',
      'GET /api/v1/identity-providers/{name}',
      'GET /api/v1/issuers',
      'GET /api/v1/issuers/{name}',
      'GET /api/v1/me',
      'GET /api/v1/me/approvals',
      'GET /api/v1/me/sessions',
      'GET /api/v1/me/tokens',
      'GET /api/v1/openapi.json',
      'GET /api/v1/security-events',
      'GET /api/v1/servers',
      'GET /api/v1/servers/{name}',
      'GET /api/v1/servers/{name}/connect',
      'GET /api/v1/service-accounts',
      'GET /api/v1/service-accounts/{name}',
      'GET /api/v1/service-accounts/{name}/tokens',
      'GET /api/v1/settings/sign-in',
      'GET /api/v1/users',
      'GET /api/v1/users/{id}',
      'GET /api/v1/users/{id}/approvals',
      'GET /api/v1/users/{id}/sessions',
      'GET /api/v1/users/{id}/tokens',
      'PATCH /api/v1/clients/{id}',
      'PATCH /api/v1/groups/{id}',
      'PATCH /api/v1/service-accounts/{name}',
      'PATCH /api/v1/users/{id}',
      'POST /api/v1/apply',
      'POST /api/v1/clients',
      'POST /api/v1/groups',
      'POST /api/v1/identity-providers',
      'POST /api/v1/identity-providers/{name}/test',
      'POST /api/v1/issuers',
      'POST /api/v1/keys/rotate',
      'POST /api/v1/me/password',
      'POST /api/v1/me/tokens',
      'POST /api/v1/service-accounts',
      'POST /api/v1/service-accounts/{name}/tokens',
      'POST /api/v1/service-accounts/{name}/tokens/{id}/rotate',
      'POST /api/v1/users',
      'POST /api/v1/users/{id}/password-link',
      'POST /api/v1/users/{id}/sign-out',
      'PUT /api/v1/clients/{id}/block',
      'PUT /api/v1/identity-providers/{name}',
      'PUT /api/v1/issuers/{name}',
      'PUT /api/v1/settings/sign-in',
    ]);
    expect(body).toMatchObject({ openapi: '3.1.0', servers: [{ url: PUBLIC_URL }] });
    const limit = (paths['/api/v1/calls'] as { get: { parameters: unknown[] } }).get.parameters;
    expect(limit).toContainEqual({
      name: 'limit',
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    });
  });
});

/** `fetch` would normalise the path. */
async function rawGet(rig: Rig, path: string): Promise<{ status: number; headers: Record<string, unknown> }> {
  const headers = { authorization: `Bearer ${await rig.jwt()}` };
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: rig.port, path, headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    })
      .once('error', reject)
      .end();
  });
}
