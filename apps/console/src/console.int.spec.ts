import { rotateAuthKeys } from '@gatehouse/contracts';
import { Rig } from '../test/rig.js';

describe('the admin API', () => {
  let rig: Rig;
  beforeEach(async () => void (rig = await new Rig().start()));
  afterEach(() => rig.stop());

  const asked = (subject: string) =>
    rig.asked.filter((one) => one.subject === subject).map(({ body }) => body);
  const person = () => rig.jwt({ admin: false });

  it('shows an administrator the calls of the whole tenant, page by page', async () => {
    const query = 'server=alpha&tool=echo&user=joe%40x.test&status=denied&from=2026-11-24T00:00:00Z&limit=2';
    const { status, body } = await rig.call('GET', `/api/v1/calls?${query}`);
    expect([status, body]).toEqual([200, { items: [], next: 'page2' }]);
    expect((await rig.call('GET', '/api/v1/calls?cursor=page2')).body['next']).toBeNull();
    expect(asked('calls')).toEqual([
      {
        tenant: 'demo',
        server: 'alpha',
        tool: 'echo',
        user: 'joe@x.test',
        status: 'denied',
        from: '2026-11-24T00:00:00Z',
        limit: 2,
      },
      { tenant: 'demo', limit: 50, cursor: 'page2' },
    ]);
  });

  it('shows anybody else their own calls, whoever they ask for', async () => {
    await rig.call('GET', '/api/v1/calls?user=joe%40x.test', { token: await person() });
    expect(asked('calls')).toEqual([{ tenant: 'demo', user: 'jane@x.test', limit: 50 }]);
  });

  it('never takes the tenant from the request', async () => {
    expect((await rig.call('GET', '/api/v1/calls?tenant=other')).status).toBe(400);
    await rig.call('GET', '/api/v1/calls', { token: await rig.jwt({ tenant: 'other' }) });
    expect(asked('calls')).toEqual([{ tenant: 'other', limit: 50 }]);
  });

  it('makes a personal access token for the caller, and shows it', async () => {
    const { status, body } = await rig.call('POST', '/api/v1/me/tokens', { body: '{"name":"ci"}' });
    expect([status, body]).toEqual([201, { token: 'gatehouse_pat_fresh', id: 't9', expires: null }]);
    expect(asked('create')).toEqual([
      { tenant: 'demo', person: 'p1', name: 'ci', expiresInDays: 90, recipient: expect.anything() },
    ]);
  });

  it('lists the caller’s tokens without their values', async () => {
    const { body } = await rig.call('GET', '/api/v1/me/tokens');
    expect(body).toMatchObject({ items: [{ id: 't9' }], next: null });
    expect(JSON.stringify(body)).not.toContain('gatehouse_pat_');
  });

  it('revokes a token of the caller by path or by query', async () => {
    expect((await rig.call('DELETE', '/api/v1/me/tokens/t9')).status).toBe(204);
    expect((await rig.call('DELETE', '/api/v1/me/tokens?id=t9')).status).toBe(204);
    expect(asked('revoke')).toEqual(Array(2).fill({ tenant: 'demo', person: 'p1', id: 't9' }));
  });

  it('answers 404 for a token that the caller does not have, not a 401 that asks to sign in again', async () => {
    const { status, body, headers } = await rig.call('DELETE', '/api/v1/me/tokens/t1');
    expect([status, body['code'], headers.get('www-authenticate')]).toEqual([404, 'api.not_found', null]);
  });

  it('applies YAML of several documents, sealed to the policy service', async () => {
    const sent = { body: 'name: a\n---\n---\nname: b\n', type: 'text/yaml; charset=utf-8' };
    const { status, body } = await rig.call('POST', '/api/v1/apply?dryRun=true', sent);
    expect(status).toBe(200);
    expect(body).toEqual({
      changes: [{ kind: 'mcp-server/remote', name: 'alpha', action: 'create', diff: [] }],
    });
    expect(asked('apply')).toEqual([
      { tenant: 'demo', by: 'jane@x.test', dryRun: true, documents: [{ name: 'a' }, { name: 'b' }] },
    ]);
  });

  it('applies JSON, an object or an array of them', async () => {
    await rig.call('POST', '/api/v1/apply', { body: '{"name":"a"}' });
    await rig.call('POST', '/api/v1/apply?dryRun=false', { body: '[{"name":"a"},{"name":"b"}]' });
    expect(asked('apply')).toMatchObject([
      { dryRun: false, documents: [{ name: 'a' }] },
      { dryRun: false, documents: [{ name: 'a' }, { name: 'b' }] },
    ]);
  });

  it('lists the servers that the caller may use, page by page', async () => {
    const first = await rig.call('GET', '/api/v1/servers?limit=1', { token: await person() });
    expect(first.body).toMatchObject({ items: [{ name: 'alpha' }], next: 'alpha' });
    const second = await rig.call('GET', '/api/v1/servers?limit=1&cursor=alpha', { token: await person() });
    expect(second.body).toMatchObject({ items: [{ name: 'beta' }], next: null });
    expect((await rig.call('GET', '/api/v1/servers')).body['items']).toHaveLength(3);
  });

  it('gives the snippets that connect a client to a server', async () => {
    const { status, body } = await rig.call('GET', '/api/v1/servers/beta/connect', { token: await person() });
    expect([status, body['url']]).toEqual([200, 'http://gate.test/demo/mcp/beta/server']);
    expect(body['snippets']).toContainEqual(
      expect.objectContaining({
        client: 'claude-code',
        text: 'claude mcp add --transport http beta http://gate.test/demo/mcp/beta/server',
      }),
    );
  });

  it.each(['', '/connect'])('tells a hidden server from an unknown one to nobody: %s', async (rest) => {
    const token = await person();
    expect((await rig.call('GET', `/api/v1/servers/gamma${rest}`)).status).toBe(200);
    const hidden = await rig.call('GET', `/api/v1/servers/gamma${rest}`, { token });
    const unknown = await rig.call('GET', `/api/v1/servers/delta${rest}`, { token });
    expect([hidden.status, hidden.body['code']]).toEqual([404, 'policy.unknown_server']);
    expect(hidden.body).toEqual(unknown.body);
  });

  it('deletes a server', async () => {
    expect((await rig.call('DELETE', '/api/v1/servers/alpha')).status).toBe(204);
    expect((await rig.call('DELETE', '/api/v1/servers/delta')).status).toBe(404);
    expect(asked('delete')[0]).toEqual({ tenant: 'demo', name: 'alpha' });
  });

  it('has the next signing key made, for an administrator', async () => {
    const made = { kid: 'k2', activeFrom: '2026-11-24T12:00:00.000Z' };
    rig.broker.connect('vault').handle(rotateAuthKeys, () => made);
    expect(await rig.call('POST', '/api/v1/keys/rotate')).toMatchObject({ status: 200, body: made });
    const { status } = await rig.call('POST', '/api/v1/keys/rotate', { token: await person() });
    expect(status).toBe(403);
  });

  it.each([
    ['DELETE', '/api/v1/servers/alpha', {}],
    ['DELETE', '/api/v1/servers/delta', {}],
    ['POST', '/api/v1/apply', { body: '{"name":"a"}' }],
    ['POST', '/api/v1/apply?dryRun=true', { body: 'not even: [yaml' }],
  ])('refuses whoever is no administrator, before looking at the rest: %s %s', async (method, path, sent) => {
    const { status, body } = await rig.call(method, path, { ...sent, token: await person() });
    expect([status, body['code']]).toEqual([403, 'api.forbidden']);
    expect([...asked('delete'), ...asked('apply')]).toEqual([]);
  });
});
