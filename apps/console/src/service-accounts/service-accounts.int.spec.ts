import { seal } from '@gatehouse/bus';
import * as contracts from '@gatehouse/contracts';
import { Failure } from '@gatehouse/contracts';
import { Rig } from '../../test/rig.js';

const ACCOUNTS = '/api/v1/service-accounts';
const account = {
  ...{ name: 'ci', description: '', teams: [], roles: [], clients: [], suspended: false },
  ...{ created: '2026-11-24T00:00:00Z', lastUsed: null },
};
const token = { id: 't1', name: 'runner', created: '2026', expires: '2027', lastUsed: null };
const mine = { tenant: 'demo', name: 'ci', by: 'p1' };

let rig: Rig;
const asked: unknown[] = [];

/** The auth service, which knows one account and one token. */
function playAccounts({ auth }: Rig): void {
  const hear = <T extends { tenant: string; name?: string; id?: string | null }>(body: T): T => {
    asked.push(body);
    if (body.name !== undefined && body.name !== 'ci') throw new Failure('auth.unknown_service_account');
    if (typeof body.id === 'string' && body.id !== 't1') throw new Failure('auth.unknown_token');
    return body;
  };
  const made = async (recipient: unknown) => ({
    token,
    sealed: await seal({ token: 'gatehouse_sat_fresh' }, recipient),
  });
  auth.handle(contracts.createServiceAccount, (body) => (hear(body), account));
  auth.handle(contracts.showServiceAccount, (body) => (hear(body), account));
  auth.handle(contracts.changeServiceAccount, (body) => (hear(body), account));
  auth.handle(contracts.deleteServiceAccount, (body) => (hear(body), {}));
  auth.handle(contracts.listServiceAccounts, (body) => (hear(body), { items: [account], next: 'ci' }));
  auth.handle(contracts.createServiceAccountToken, (body) => made(hear(body).recipient));
  auth.handle(contracts.rotateServiceAccountToken, (body) => made(hear(body).recipient));
  auth.handle(contracts.listServiceAccountTokens, (body) => (hear(body), { items: [token] }));
  auth.handle(contracts.revokeServiceAccountToken, (body) => (hear(body), {}));
}

beforeEach(async () => {
  asked.length = 0;
  rig = new Rig();
  playAccounts(rig);
  await rig.start();
});
afterEach(() => rig.stop());

/** Every call there is, on an account that exists. */
const CALLS = [
  ['POST', ACCOUNTS, '{"name":"ci"}', 201],
  ['GET', ACCOUNTS, undefined, 200],
  ['GET', `${ACCOUNTS}/ci`, undefined, 200],
  ['PATCH', `${ACCOUNTS}/ci`, '{"suspended":true}', 200],
  ['DELETE', `${ACCOUNTS}/ci`, undefined, 204],
  ['POST', `${ACCOUNTS}/ci/tokens`, '{"name":"runner"}', 201],
  ['GET', `${ACCOUNTS}/ci/tokens`, undefined, 200],
  ['POST', `${ACCOUNTS}/ci/tokens/t1/rotate`, '{}', 201],
  ['DELETE', `${ACCOUNTS}/ci/tokens/t1`, undefined, 204],
  ['DELETE', `${ACCOUNTS}/ci/tokens`, undefined, 204],
] as const;

describe('the service accounts of a tenant', () => {
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

  it('are made by the caller, in the caller’s tenant, with nothing but what is said', async () => {
    await rig.call('POST', ACCOUNTS, { body: '{"name":"ci","teams":["dev"],"roles":["scim"]}' });
    const settings = { description: '', teams: ['dev'], roles: ['scim'], clients: [], suspended: false };
    expect(asked).toEqual([{ ...mine, settings }]);
  });

  it.each([
    ['{"name":"ci","tenant":"other"}', 'body'],
    ['{"name":"CI"}', 'body.name'],
    ['{"name":"ci","roles":["owner"]}', 'body.roles.0'],
    ['{"name":"ci","teams":["a","a"]}', 'body.teams'],
    ['{"name":"ci","id":"x"}', 'body'],
  ])('are refused where a member is wrong or unknown: %s', async (body, place) => {
    const { status, body: problem } = await rig.call('POST', ACCOUNTS, { body });
    expect(status).toBe(400);
    expect(problem['errors']).toMatchObject([{ place }]);
    expect(asked).toEqual([]);
  });

  it('change in what is named alone', async () => {
    await rig.call('PATCH', `${ACCOUNTS}/ci`, { body: '{"suspended":true}' });
    expect(asked).toEqual([{ ...mine, changes: { suspended: true } }]);
    const renamed = await rig.call('PATCH', `${ACCOUNTS}/ci`, { body: '{"name":"root"}' });
    expect(renamed.status).toBe(400);
  });

  it('have tokens whose value is shown once', async () => {
    const made = await rig.call('POST', `${ACCOUNTS}/ci/tokens`, { body: '{"name":"runner"}' });
    expect(made.body).toEqual({ token: 'gatehouse_sat_fresh', id: 't1', expires: '2027' });
    expect(asked).toMatchObject([{ ...mine, token: 'runner', expiresInDays: 90 }]);
    const listed = await rig.call('GET', `${ACCOUNTS}/ci/tokens`);
    expect(listed.body).toEqual({ items: [token], next: null });
  });

  it('have tokens that are rotated with an hour of grace, unless told otherwise', async () => {
    await rig.call('POST', `${ACCOUNTS}/ci/tokens/t1/rotate`, { body: '{}' });
    await rig.call('POST', `${ACCOUNTS}/ci/tokens/t1/rotate`, { body: '{"graceSeconds":0}' });
    expect(asked).toMatchObject([{ id: 't1', graceSeconds: 3_600 }, { graceSeconds: 0 }]);
    for (const graceSeconds of [-1, 59, 604_801, 1.5])
      expect(
        await rig.call('POST', `${ACCOUNTS}/ci/tokens/t1/rotate`, { body: JSON.stringify({ graceSeconds }) }),
      ).toMatchObject({ status: 400 });
  });

  it('that are unknown are answered with 404, never with a 401 that asks to sign in again', async () => {
    for (const [method, path, body] of CALLS.filter(([, path]) => path.includes('/ci'))) {
      const strange = path.includes('/t1') ? path.replace('t1', 't2') : path.replace('/ci', '/nobody');
      const { status, headers } = await rig.call(method, strange, body === undefined ? {} : { body });
      expect([status, headers.get('www-authenticate')]).toEqual([404, null]);
    }
  });
});
