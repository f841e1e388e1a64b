import * as contracts from '@gatehouse/contracts';
import { Failure } from '@gatehouse/contracts';
import { Rig } from '../../test/rig.js';

const ISSUERS = '/api/v1/issuers';
const given = {
  ...{ name: 'github', issuer: 'https://token.actions.githubusercontent.com', preset: 'github-actions' },
  ...{ audiences: ['https://gate.test'], uses: ['exchange'] },
  rules: [{ claims: { repository: 'acme/app' }, service_account: 'ci' }],
};
const issuer = contracts.Issuer.parse(given);

let rig: Rig;
const asked: unknown[] = [];
beforeEach(async () => {
  asked.length = 0;
  rig = new Rig();
  const hear = <T extends { tenant: string; name?: string }>(body: T): T => {
    asked.push(body);
    if (body.name !== undefined && body.name !== 'github') throw new Failure('auth.unknown_issuer');
    return body;
  };
  rig.auth.handle(contracts.createIssuer, (body) => hear(body).issuer);
  rig.auth.handle(contracts.replaceIssuer, (body) => hear({ ...body, name: body.issuer.name }).issuer);
  rig.auth.handle(contracts.showIssuer, (body) => (hear(body), issuer));
  rig.auth.handle(contracts.listIssuers, (body) => (hear(body), { items: [issuer], next: null }));
  rig.auth.handle(contracts.deleteIssuer, (body) => (hear(body), {}));
  await rig.start();
});
afterEach(() => rig.stop());

const CALLS = [
  ['POST', ISSUERS, JSON.stringify(given), 201],
  ['GET', ISSUERS, undefined, 200],
  ['GET', `${ISSUERS}/github`, undefined, 200],
  ['PUT', `${ISSUERS}/github`, JSON.stringify(given), 200],
  ['DELETE', `${ISSUERS}/github`, undefined, 204],
] as const;

describe('the issuers that a tenant believes', () => {
  it.each(CALLS)('are served: %s %s', async (method, path, body, expected) => {
    expect((await rig.call(method, path, body === undefined ? {} : { body })).status).toBe(expected);
    expect(asked).toMatchObject([{ tenant: 'demo' }]);
  });

  it.each(CALLS)('are administrators’ alone: %s %s', async (method, path, body) => {
    const token = await rig.jwt({ admin: false });
    const { status, body: problem } = await rig.call(method, path, { token, ...(body ? { body } : {}) });
    expect([status, problem['code']]).toEqual([403, 'api.forbidden']);
    expect(asked).toEqual([]);
  });

  it('are registered with what is left out filled in', async () => {
    const { body } = await rig.call('POST', ISSUERS, { body: JSON.stringify(given) });
    expect(body).toEqual({ ...given, algorithms: ['RS256', 'ES256'], allow_public_clients: false });
    expect(asked).toEqual([{ tenant: 'demo', by: 'p1', issuer }]);
  });

  it.each([
    [{ algorithms: ['HS256'] }, 'body.algorithms.0'],
    [{ issuer: 'http://10.0.0.1' }, 'body.issuer'],
    [{ rules: [{ claims: { ref: 'main' }, service_account: 'ci' }] }, 'body.rules.0.claims'],
    [{ tenant: 'other' }, 'body'],
  ])('are refused with the place of the fault: %j', async (fault, place) => {
    const { status, body } = await rig.call('POST', ISSUERS, {
      body: JSON.stringify({ ...given, ...fault }),
    });
    expect(status).toBe(400);
    expect(body['errors']).toMatchObject([{ place }]);
  });

  it('keep their names', async () => {
    const renamed = await rig.call('PUT', `${ISSUERS}/other`, { body: JSON.stringify(given) });
    expect([renamed.status, renamed.body['errors']]).toMatchObject([400, [{ place: 'body.name' }]]);
  });

  it('that are unknown are answered with 404', async () => {
    for (const method of ['GET', 'DELETE'])
      expect((await rig.call(method, `${ISSUERS}/nobody`)).body).toMatchObject({
        ...{ status: 404, code: 'auth.unknown_issuer' },
      });
  });
});
