import { seal } from '@gatehouse/bus';
import * as contracts from '@gatehouse/contracts';
import { Failure } from '@gatehouse/contracts';
import { Rig } from '../../test/rig.js';

const CLIENTS = '/api/v1/clients';
const DOCUMENT = 'https://claude.ai/oauth/claude-code-client-metadata';
const client: contracts.Client = {
  ...{ id: 'c1', source: 'administrator', name: 'Agent', redirectUris: ['http://127.0.0.1/cb'] },
  ...{ jwksUri: null, authentication: 'none', people: 0, lastApproved: null, blocked: false },
};
const AGENT = '{"name":"Agent","redirectUris":["http://127.0.0.1/cb"]}';
const mine = { tenant: 'demo', by: 'p1' };

let rig: Rig;
const asked: unknown[] = [];

/** The auth service, which knows one client and one document. */
function playClients({ auth }: Rig): void {
  const hear = <T extends { tenant: string; id?: string }>(body: T): T => {
    asked.push(body);
    if (body.id !== undefined && !['c1', DOCUMENT].includes(body.id))
      throw new Failure('auth.unknown_client');
    return body;
  };
  auth.handle(contracts.createClient, async (body) => {
    const { authentication, recipient } = hear(body);
    const sealed = authentication === 'none' ? null : await seal({ secret: 'gatehouse_cs_fresh' }, recipient);
    return { client: { ...client, authentication }, sealed };
  });
  auth.handle(contracts.listClients, (body) => (hear(body), { items: [client], next: 'c1' }));
  auth.handle(contracts.showClient, (body) => (hear(body), client));
  auth.handle(contracts.changeClient, (body) => (hear(body), client));
  auth.handle(contracts.deleteClient, (body) => (hear(body), {}));
  auth.handle(contracts.blockClient, (body) => ({ ...client, blocked: hear(body).blocked }));
}

beforeEach(async () => {
  asked.length = 0;
  rig = new Rig();
  playClients(rig);
  await rig.start();
});
afterEach(() => rig.stop());

const CALLS = [
  ['POST', CLIENTS, AGENT, 201],
  ['GET', CLIENTS, undefined, 200],
  ['GET', `${CLIENTS}/c1`, undefined, 200],
  ['PATCH', `${CLIENTS}/c1`, '{"name":"Robot"}', 200],
  ['DELETE', `${CLIENTS}/c1`, undefined, 204],
  ['PUT', `${CLIENTS}/c1/block`, undefined, 200],
  ['DELETE', `${CLIENTS}/c1/block`, undefined, 200],
] as const;

describe('the clients of a tenant', () => {
  it.each(CALLS)('are served: %s %s', async (method, path, body, expected) => {
    const { status } = await rig.call(method, path, body === undefined ? {} : { body });
    expect(status).toBe(expected);
    expect(asked).toMatchObject([{ tenant: 'demo' }]);
  });

  it.each(CALLS)('are administrators’ alone: %s %s', async (method, path, body) => {
    const token = await rig.jwt({ admin: false });
    const { status, body: problem } = await rig.call(method, path, { token, ...(body ? { body } : {}) });
    expect([status, problem['code']]).toEqual([403, 'api.forbidden']);
    expect(asked).toEqual([]);
  });

  it('that are unknown are answered with 404 and nothing else', async () => {
    for (const [method, path, body] of CALLS.filter(([, path]) => path.includes('/c1'))) {
      const { status, body: problem } = await rig.call(
        method,
        path.replace('/c1', '/c2'),
        body ? { body } : {},
      );
      expect([status, problem['code']]).toEqual([404, 'auth.unknown_client']);
    }
  });

  it('are made in the caller’s tenant; a secret is shown in the answer', async () => {
    const open = await rig.call('POST', CLIENTS, { body: AGENT });
    expect(open.body).toEqual({ ...client, secret: null });
    const settings = { name: 'Agent', redirectUris: ['http://127.0.0.1/cb'], jwksUri: null };
    expect(asked).toMatchObject([{ ...mine, authentication: 'none', settings }]);
    const body = AGENT.replace('{', '{"authentication":"client_secret_basic",');
    const confidential = await rig.call('POST', CLIENTS, { body });
    expect(confidential.body).toMatchObject({ secret: 'gatehouse_cs_fresh' });
  });

  it.each([
    ['{"name":"Agent"}', 'body.redirectUris'],
    ['{"name":"","redirectUris":["http://127.0.0.1/cb"]}', 'body.name'],
    [AGENT.replace('{', '{"tenant":"other",'), 'body'],
    [AGENT.replace('{', '{"id":"mine",'), 'body'],
    [AGENT.replace('{', '{"authentication":"client_secret_jwt",'), 'body.authentication'],
    [AGENT.replace('{', '{"jwksUri":"http://a.example/keys",'), 'body.jwksUri'],
  ])('are refused where a member is wrong or unknown: %s', async (body, place) => {
    const { status, body: problem } = await rig.call('POST', CLIENTS, { body });
    expect(status).toBe(400);
    expect(problem['errors']).toMatchObject([{ place }]);
    expect(asked).toEqual([]);
  });

  it('come in pages', async () => {
    const { body } = await rig.call('GET', `${CLIENTS}?limit=1&cursor=c0`);
    expect(body).toEqual({ items: [client], next: 'c1' });
    expect(asked).toEqual([{ tenant: 'demo', limit: 1, after: 'c0' }]);
  });

  it('may have a URL for an id', async () => {
    const { body } = await rig.call('PUT', `${CLIENTS}/${encodeURIComponent(DOCUMENT)}/block`);
    expect(body).toMatchObject({ blocked: true });
    expect(asked).toEqual([{ ...mine, id: DOCUMENT, blocked: true }]);
  });
});
