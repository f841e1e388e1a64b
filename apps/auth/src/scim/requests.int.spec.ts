import { addPerson } from '../../test/auth-server.js';
import { ScimClient } from '../../test/scim-client.js';
import { address, GROUP, machineToken, oktaUser, personalToken, ScimRig, USER } from '../../test/scim-rig.js';

let rig: ScimRig;
beforeAll(async () => void (rig = await ScimRig.start()), 30_000);
afterAll(() => rig?.close());

describe('a list', () => {
  it('is given page by page', async () => {
    await rig.made();
    await rig.made();
    const all = await rig.idp.get('Users?count=200');
    const ids = all.body.Resources.map(({ id }) => id);
    const page = await rig.idp.get('Users?startIndex=2&count=1');
    expect(page.body).toMatchObject({ totalResults: ids.length, startIndex: 2, itemsPerPage: 1 });
    expect(page.body.Resources[0]?.['id']).toBe(ids[1]);
    expect((await rig.idp.get('Users?count=0')).body).toMatchObject({
      totalResults: ids.length,
      Resources: [],
    });
    expect((await rig.idp.get(`Users?startIndex=${ids.length + 1}`)).body).toMatchObject({ Resources: [] });
  });

  it.each([
    'userName sw "a"',
    'title eq "x"',
    'userName eq "a" or userName eq "b"',
    'not (userName eq "a")',
    '(((',
    'userName',
    `userName eq "a" and password eq "b"`,
    `${'x'.repeat(2_000)} eq "a"`,
    '__proto__ eq "x"',
  ])('is refused by a filter that cannot be applied: %p', async (filter) => {
    const { status, body } = await rig.idp.get(`Users?filter=${encodeURIComponent(filter)}`);
    expect([status, body['scimType']]).toEqual([400, 'invalidFilter']);
  });

  it('takes every value in a filter for a value', async () => {
    const { id } = await rig.made();
    for (const value of [`' OR 1=1 --`, `%`, `x') OR (1=1`, `\\u0000`]) {
      const filters = ['userName', 'externalId', 'emails.value', 'displayName', 'id', 'active'].map(
        (attribute) => `${attribute} eq "${value}"`,
      );
      for (const filter of filters) {
        const { status, body } = await rig.idp.get(`Users?filter=${encodeURIComponent(filter)}`);
        expect([200, 400]).toContain(status);
        if (!filter.startsWith('active')) expect(body['totalResults'] ?? 0).toBe(0);
      }
    }
    expect(
      (await rig.idp.get(`Users?filter=${encodeURIComponent(`id eq "${id}"`)}`)).body['totalResults'],
    ).toBe(1);
  });
});

describe('whoever comes', () => {
  const unknown = { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '401' };

  it('without a token, with an unknown one, or to another tenant is told the same', async () => {
    await rig.server.sql("INSERT INTO tenant (name) VALUES ('other') ON CONFLICT DO NOTHING");
    const { token } = rig;
    const answers = await Promise.all([
      new ScimClient(rig.server, 'nonsense').get('Users'),
      new ScimClient(rig.server, token, 'other').get('Users'),
      new ScimClient(rig.server, token, 'no-such-tenant').get('Users'),
      new ScimClient(rig.server, token, 'other').get('Nothing'),
    ]);
    for (const { status, headers, body } of answers) {
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect(body).toEqual(answers[0]?.body);
      expect(body).toMatchObject(unknown);
    }
  });

  it.each(['a person', 'a service account', 'a service account that administers'])(
    'with a token of %s that is not for SCIM is refused, and that is noted',
    async (who) => {
      const token =
        who === 'a person'
          ? await personalToken(rig.server, (await addPerson(rig.server)).id)
          : await machineToken(rig.server, who.endsWith('administers') ? ['admin'] : []);
      const noted = async () =>
        (await rig.server.sql("SELECT id FROM security_event WHERE kind = 'scim.refused'")).length;
      const before = await noted();
      expect((await new ScimClient(rig.server, token).get('Users')).status).toBe(403);
      expect(await noted()).toBe(before + 1);
    },
  );

  it('asks for somebody of another tenant, and is told what it is told of nobody', async () => {
    await rig.server.sql("INSERT INTO tenant (name) VALUES ('other') ON CONFLICT DO NOTHING");
    const foreign = await addPerson(rig.server, { tenant: 'other' });
    const nobody = '00000000-0000-4000-8000-000000000000';
    const body = oktaUser(address());
    for (const send of [
      (id: string) => rig.idp.get(`Users/${id}`),
      (id: string) => rig.idp.put(`Users/${id}`, body),
      (id: string) => rig.idp.patch(`Users/${id}`, [{ op: 'replace', value: { active: false } }]),
      (id: string) => rig.idp.delete(`Users/${id}`),
      (id: string) => rig.idp.get(`Groups/${id}`),
    ]) {
      const [one, other, third] = [await send(foreign.id), await send(nobody), await send('nonsense')];
      expect([one.status, one.body]).toEqual([404, other.body]);
      expect(third.body).toEqual(other.body);
    }
    expect(await rig.person(foreign.id)).toMatchObject({ suspended: false });
  });

  it('asks what there is', async () => {
    const config = await rig.idp.get('ServiceProviderConfig');
    expect(config.body).toMatchObject({
      patch: { supported: true },
      filter: { supported: true, maxResults: 200 },
    });
    expect((await rig.idp.get('ResourceTypes')).body.Resources.map(({ id }) => id)).toEqual([
      'User',
      'Group',
    ]);
    expect((await rig.idp.get('ResourceTypes/User')).body).toMatchObject({
      schema: USER,
      endpoint: '/Users',
    });
    expect((await rig.idp.get('Schemas')).body.Resources.map(({ id }) => id)).toEqual([USER, GROUP]);
    expect((await rig.idp.get(`Schemas/${GROUP}`)).body).toMatchObject({ name: 'Group' });
    for (const path of ['Nothing', 'Schemas/x', 'ResourceTypes/x', 'Bulk'])
      expect((await rig.idp.get(path)).body).toMatchObject({ status: '404' });
  });
});

it.each([
  ['not JSON', '{"userName":', 'invalidSyntax'],
  ['a list', [], 'invalidSyntax'],
  ['nothing', 'null', 'invalidSyntax'],
  ['without a userName', { schemas: [USER] }, 'invalidValue'],
  ['without any address', { schemas: [USER], userName: 'nobody' }, 'invalidValue'],
  ['of another schema', { schemas: [GROUP], userName: 'a@b.io' }, 'invalidSyntax'],
  ['with a number for a name', { schemas: [USER], userName: 'a@b.io', name: 5 }, 'invalidValue'],
  ['with a text for addresses', { schemas: [USER], userName: 'a@b.io', emails: 'x' }, 'invalidValue'],
])('a body that is %s is refused', async (_what, sent, scimType) => {
  const { status, body } = await rig.idp.post('Users', sent);
  expect([status, body]).toEqual([400, expect.objectContaining({ status: '400', scimType })]);
});

it('an administrator is made by no attribute of SCIM', async () => {
  const more = { admin: true, roles: [{ value: 'admin' }], tenant: 'other', suspended: true, generation: 9 };
  const { id } = await rig.made(more);
  const ops = [
    { op: 'replace', value: more },
    { op: 'add', path: 'admin', value: true },
  ];
  await rig.idp.patch(`Users/${id}`, ops);
  const [row] = await rig.server.sql(
    'SELECT admin, tenant, suspended, generation FROM person WHERE id = $1',
    [id],
  );
  expect(row).toEqual({ admin: false, tenant: 'demo', suspended: false, generation: 0 });
});

it('a body that is too large is refused', async () => {
  const { status, body } = await rig.idp.post('Users', { userName: 'x'.repeat(1_100_000) });
  expect([status, body['status']]).toEqual([413, '413']);
});
