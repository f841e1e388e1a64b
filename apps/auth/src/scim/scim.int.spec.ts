import { TransportKey } from '@gatehouse/bus';
import { createToken, introspectToken, NewTokenSecret } from '@gatehouse/contracts';
import { signInHeadless } from '@gatehouse/testing';
import { addPerson, startAuth, type AuthServer } from '../../test/auth-server.js';
import { ScimClient } from '../../test/scim-client.js';
import { digest } from '../opaque-secret.js';

let server: AuthServer;
let idp: ScimClient;
beforeAll(async () => {
  server = await startAuth();
  const [admin] = await server.sql<{ id: string }>('SELECT id FROM person WHERE admin');
  idp = new ScimClient(server, await tokenOf(admin?.id ?? ''));
});
afterAll(() => server?.close());

async function tokenOf(person: string): Promise<string> {
  const key = await TransportKey.create();
  const made = await server
    .connect('console')
    .request(createToken, { tenant: 'demo', person, name: 'scim', recipient: key.publicJwk });
  return (await key.open(made.sealed, NewTokenSecret)).token;
}

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';

const person = async (id: unknown) => {
  const [row] = await server.sql<Record<string, unknown>>(
    `SELECT email, name, suspended, generation, external_id AS "externalId",
       (SELECT coalesce(json_agg(team || ':' || source ORDER BY team), '[]') FROM team_member WHERE person = person.id) AS teams
     FROM person WHERE id::text = $1`,
    [id],
  );
  return row;
};
let count = 0;
const address = () => `someone-${++count}@example.com`;

/** A user as Okta creates one. */
const oktaUser = (email: string, more = {}) => ({
  schemas: [USER],
  userName: email,
  name: { givenName: 'Test', familyName: 'User' },
  emails: [{ primary: true, value: email, type: 'work' }],
  displayName: 'Test User',
  locale: 'en-US',
  externalId: `00u-${email}`,
  groups: [],
  password: '1mz050nq',
  active: true,
  ...more,
});

async function made(more = {}, email = address()): Promise<{ id: string; email: string }> {
  const { status, body } = await idp.post('Users', oktaUser(email, more));
  expect(status).toBe(201);
  return { id: String(body['id']), email };
}

describe('a user as Okta provisions one', () => {
  it('is looked for, made, shown, changed and deactivated', async () => {
    const email = address();
    const filter = encodeURIComponent(`userName eq "${email}"`);
    const none = await idp.get(`Users?filter=${filter}&startIndex=1&count=100`);
    expect([none.status, none.body]).toEqual([
      200,
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
        ...{ totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] },
      },
    ]);
    const { status, headers, body } = await idp.post('Users', oktaUser(email));
    const id = String(body['id']);
    const location = `${server.origin}/scim/v2/demo/Users/${id}`;
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(location);
    expect(headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
    expect(body).toMatchObject({
      ...{ userName: email, displayName: 'Test User', active: true, externalId: `00u-${email}` },
      meta: { resourceType: 'User', location },
    });
    expect(body).not.toHaveProperty('password');
    expect((await idp.get(`Users?filter=${filter}`)).body.Resources).toMatchObject([{ id }]);
    const renamed = oktaUser(email, { id, displayName: 'Other Name', meta: body['meta'] });
    expect((await idp.put(`Users/${id}`, renamed)).body).toMatchObject({ id, displayName: 'Other Name' });
    expect(await person(id)).toMatchObject({ email, name: 'Other Name', suspended: false, generation: 0 });
    const off = await idp.patch(`Users/${id}`, [{ op: 'replace', value: { active: false } }]);
    expect([off.status, off.body['active']]).toEqual([200, false]);
    expect(await person(id)).toMatchObject({ suspended: true, generation: 1 });
    await idp.patch(`Users/${id}`, [{ op: 'replace', value: { active: true } }]);
    expect(await person(id)).toMatchObject({ suspended: false, generation: 1 });
  });

  it('that is there already is a conflict, by address and by external id', async () => {
    const { email } = await made();
    for (const user of [oktaUser(email.toUpperCase()), oktaUser(address(), { externalId: `00u-${email}` })]) {
      const { status, body } = await idp.post('Users', user);
      expect(status).toBe(409);
      expect(body).toMatchObject({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        ...{ status: '409', scimType: 'uniqueness' },
      });
    }
  });
});

describe('a user as Entra ID provisions one', () => {
  it('is made with attributes that we do not keep, and patched in its own spelling', async () => {
    const email = address();
    const { status, body } = await idp.post('Users', {
      schemas: [USER, ENTERPRISE],
      externalId: 'entra-1',
      userName: `Upn-${email}`,
      active: true,
      addresses: [{ primary: false, type: 'work', country: 'US' }],
      displayName: 'Ada',
      emails: [{ primary: true, type: 'work', value: email }],
      meta: { resourceType: 'User' },
      name: { formatted: 'Ada L', familyName: 'L', givenName: 'Ada' },
      phoneNumbers: [{ primary: false, type: 'work', value: '555' }],
      [ENTERPRISE]: { department: 'R&D', manager: 'x' },
    });
    expect([status, body['schemas']]).toEqual([201, [USER]]);
    const id = String(body['id']);
    const { status: patched } = await idp.patch(`Users/${id}`, [
      { op: 'Replace', path: 'displayName', value: 'Ada Lovelace' },
      { op: 'Replace', path: 'name.familyName', value: 'Lovelace' },
      { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Sales' },
      { op: 'Replace', path: 'addresses[type eq "work"].country', value: 'UK' },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: `new-${email}` },
    ]);
    expect(patched).toBe(200);
    expect(await person(id)).toMatchObject({ email: `new-${email}`, name: 'Ada Lovelace', generation: 1 });
    const found = await idp.get(`Users?filter=${encodeURIComponent(`userName eq "upn-${email}"`)}`);
    expect(found.body.Resources).toMatchObject([{ id, name: { familyName: 'Lovelace', givenName: 'Ada' } }]);
  });

  it.each([
    ['as a text', [{ op: 'Replace', path: 'active', value: 'False' }]],
    ['without a path', [{ op: 'Replace', value: { active: 'False' } }]],
    ['as a truth value', [{ op: 'replace', path: 'active', value: false }]],
    ['in another case', [{ op: 'REPLACE', path: 'Active', value: 'false' }]],
  ])('is deactivated %s', async (_how, operations) => {
    const { id } = await made();
    expect((await idp.patch(`Users/${id}`, operations)).body['active']).toBe(false);
    expect(await person(id)).toMatchObject({ suspended: true });
  });

  it('gets an address of a kind that was not there', async () => {
    const { id } = await made({ emails: [] });
    await idp.patch(`Users/${id}`, [
      { op: 'Add', path: 'emails[type eq "work"].value', value: 'Work@Example.com' },
    ]);
    expect(await person(id)).toMatchObject({ email: 'work@example.com' });
  });

  it('is answered its test of the connection', async () => {
    const { body } = await idp.get(`Users?filter=userName+eq+%22non-existing%22`);
    expect(body).toMatchObject({ totalResults: 0, Resources: [] });
  });
});

describe('deactivating a user', () => {
  it('ends what they hold on every edge within a second, and reactivating revives nothing of it', async () => {
    const someone = await addPerson(server);
    const { client, refresh_token } = await signInHeadless({
      ...{ resource: server.resource(), metadata: server.metadata },
      ...{ email: someone.email, password: someone.password },
    });
    const token = await tokenOf(someone.id);
    const begun = performance.now();
    await idp.patch(`Users/${someone.id}`, [{ op: 'replace', value: { active: false } }]);
    expect(await server.toldEndOf('subject', someone.id)).toMatchObject({ generation: 1 });
    expect(performance.now() - begun).toBeLessThan(1_000);
    const refused = await client.token({ grant_type: 'refresh_token', refresh_token });
    expect(await refused.json()).toMatchObject({ error: 'invalid_grant' });
    await idp.patch(`Users/${someone.id}`, [{ op: 'replace', value: { active: true } }]);
    const still = await client.token({ grant_type: 'refresh_token', refresh_token });
    expect(await still.json()).toMatchObject({ error: 'invalid_grant' });
    const asked = server.connect('edge').request(introspectToken, { hash: digest(token) });
    await expect(asked).rejects.toMatchObject({ code: 'auth.unknown_token' });
  });

  it('is refused for the last administrator, as is removing them', async () => {
    const [admin] = await server.sql<{ id: string }>('SELECT id FROM person WHERE admin');
    for (const answer of [
      await idp.patch(`Users/${admin?.id}`, [{ op: 'replace', value: { active: false } }]),
      await idp.delete(`Users/${admin?.id}`),
    ])
      expect([answer.status, answer.body['detail']]).toEqual([
        409,
        expect.stringContaining('last administrator'),
      ]);
  });

  it('for good removes them, and whoever comes with the same address is somebody else', async () => {
    const { id, email } = await made();
    expect((await idp.delete(`Users/${id}`)).status).toBe(204);
    expect((await idp.get(`Users/${id}`)).status).toBe(404);
    expect((await idp.delete(`Users/${id}`)).status).toBe(404);
    expect((await made({}, email)).id).not.toBe(id);
  });
});

describe('a group', () => {
  const group = async (displayName: string, members: readonly string[] = []) => {
    const { status, body } = await idp.post('Groups', {
      ...{ schemas: [GROUP], displayName, externalId: `ext-${displayName}` },
      members: members.map((value) => ({ value, display: 'x' })),
    });
    expect(status).toBe(201);
    return String(body['id']);
  };
  const teams = async (id: string) => (await person(id))?.['teams'];

  it('is a team, whose members come and go as Okta tells it', async () => {
    const [ada, bob] = [await made(), await made()];
    const id = await group('Okta Team', [ada.id]);
    expect(await teams(ada.id)).toEqual(['Okta Team:scim']);
    await idp.patch(`Groups/${id}`, [
      { op: 'remove', path: `members[value eq "${ada.id}"]` },
      { op: 'add', path: 'members', value: [{ value: bob.id, display: bob.email }] },
    ]);
    expect([await teams(ada.id), await teams(bob.id)]).toEqual([[], ['Okta Team:scim']]);
    expect([await person(ada.id), await person(bob.id)]).toMatchObject([
      { generation: 1 },
      { generation: 0 },
    ]);
    await idp.patch(`Groups/${id}`, [{ op: 'replace', path: 'members', value: [{ value: ada.id }] }]);
    expect([await teams(ada.id), await teams(bob.id)]).toEqual([['Okta Team:scim'], []]);
    await server.toldEndOf('subject', bob.id);
    await idp.patch(`Groups/${id}`, [{ op: 'replace', value: { id, displayName: 'Renamed Team' } }]);
    expect(await teams(ada.id)).toEqual(['Renamed Team:scim']);
    expect(await person(ada.id)).toMatchObject({ generation: 2 });
  });

  it('is a team, whose members come and go as Entra ID tells it', async () => {
    const [ada, bob] = [await made(), await made()];
    const id = await group('Entra Team');
    const patch = (operation: object) => idp.patch(`Groups/${id}`, [operation]);
    const add = { op: 'Add', path: 'members', value: [{ value: ada.id }, { value: bob.id }] };
    expect((await patch(add)).status).toBe(204);
    expect((await patch(add)).status).toBe(204);
    const shown = await idp.get(`Groups/${id}`);
    expect(shown.body['members']).toHaveLength(2);
    await patch({ op: 'Remove', path: 'members', value: [{ value: ada.id }] });
    expect([await teams(ada.id), await teams(bob.id)]).toEqual([[], ['Entra Team:scim']]);
    const query = `excludedAttributes=members&filter=${encodeURIComponent('displayName eq "Entra Team"')}`;
    const [found] = (await idp.get(`Groups?${query}`)).body.Resources;
    expect(found).toMatchObject({ id, displayName: 'Entra Team' });
    expect(found).not.toHaveProperty('members');
    const member = encodeURIComponent(`id eq "${id}" and members eq "${bob.id}"`);
    expect((await idp.get(`Groups?filter=${member}`)).body['totalResults']).toBe(1);
    expect((await idp.get(`Users/${bob.id}`)).body['groups']).toEqual([{ value: id, display: 'Entra Team' }]);
  });

  it('of the same name is a conflict, and a member whom nobody knows is a fault', async () => {
    await group('Only One');
    const again = await idp.post('Groups', { schemas: [GROUP], displayName: 'Only One' });
    expect([again.status, again.body['scimType']]).toEqual([409, 'uniqueness']);
    const id = await group('With Strangers');
    for (const value of ['nonsense', '00000000-0000-4000-8000-000000000000']) {
      const add = { op: 'add', path: 'members', value: [{ value }] };
      const { status, body } = await idp.patch(`Groups/${id}`, [add]);
      expect([status, body['scimType']]).toEqual([400, 'invalidValue']);
    }
  });

  it('leaves alone what others keep: memberships by hand stay when it is deleted', async () => {
    const ada = await made();
    const id = await group('Shared', [ada.id]);
    const hand = await addPerson(server, { teams: ['Shared'] });
    expect((await idp.get(`Groups/${id}`)).body['members']).toHaveLength(1);
    await idp.put(`Groups/${id}`, { schemas: [GROUP], displayName: 'Shared', members: [] });
    expect([await teams(ada.id), await teams(hand.id)]).toEqual([[], ['Shared:local']]);
    expect((await idp.delete(`Groups/${id}`)).status).toBe(204);
    expect(await teams(hand.id)).toEqual(['Shared:local']);
    const alone = await group('Alone', [ada.id]);
    expect((await idp.delete(`Groups/${alone}`)).status).toBe(204);
    expect((await idp.get(`Groups/${alone}`)).status).toBe(404);
    expect(await teams(ada.id)).toEqual([]);
  });

  it('takes many changes at once, and none is lost', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, () => made()));
    const id = await group('Crowd');
    const answers = await Promise.all(
      people.map((one) =>
        idp.patch(`Groups/${id}`, [{ op: 'Add', path: 'members', value: [{ value: one.id }] }]),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(people.map(() => 204));
    expect((await idp.get(`Groups/${id}`)).body['members']).toHaveLength(8);
  });
});

describe('a list', () => {
  it('is given page by page', async () => {
    await made();
    await made();
    const all = await idp.get('Users?count=200');
    const ids = all.body.Resources.map(({ id }) => id);
    const page = await idp.get('Users?startIndex=2&count=1');
    expect(page.body).toMatchObject({ totalResults: ids.length, startIndex: 2, itemsPerPage: 1 });
    expect(page.body.Resources[0]?.['id']).toBe(ids[1]);
    expect((await idp.get('Users?count=0')).body).toMatchObject({ totalResults: ids.length, Resources: [] });
    expect((await idp.get(`Users?startIndex=${ids.length + 1}`)).body).toMatchObject({ Resources: [] });
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
    const { status, body } = await idp.get(`Users?filter=${encodeURIComponent(filter)}`);
    expect([status, body['scimType']]).toEqual([400, 'invalidFilter']);
  });

  it('takes every value in a filter for a value', async () => {
    const { id } = await made();
    for (const value of [`' OR 1=1 --`, `%`, `x') OR (1=1`, `\\u0000`]) {
      const filters = ['userName', 'externalId', 'emails.value', 'displayName', 'id', 'active'].map(
        (attribute) => `${attribute} eq "${value}"`,
      );
      for (const filter of filters) {
        const { status, body } = await idp.get(`Users?filter=${encodeURIComponent(filter)}`);
        expect([200, 400]).toContain(status);
        if (!filter.startsWith('active')) expect(body['totalResults'] ?? 0).toBe(0);
      }
    }
    expect((await idp.get(`Users?filter=${encodeURIComponent(`id eq "${id}"`)}`)).body['totalResults']).toBe(
      1,
    );
  });
});

describe('whoever comes', () => {
  const unknown = { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '401' };

  it('without a token, with an unknown one, or to another tenant is told the same', async () => {
    await server.sql("INSERT INTO tenant (name) VALUES ('other') ON CONFLICT DO NOTHING");
    const { token } = idp as unknown as { token: string };
    const answers = await Promise.all([
      new ScimClient(server, 'nonsense').get('Users'),
      new ScimClient(server, token, 'other').get('Users'),
      new ScimClient(server, token, 'no-such-tenant').get('Users'),
      new ScimClient(server, token, 'other').get('Nothing'),
    ]);
    for (const { status, headers, body } of answers) {
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect(body).toEqual(answers[0]?.body);
      expect(body).toMatchObject(unknown);
    }
  });

  it('with a token that is not for SCIM is refused, and that is noted', async () => {
    const someone = await addPerson(server);
    const { status } = await new ScimClient(server, await tokenOf(someone.id)).get('Users');
    expect(status).toBe(403);
    const events = await server.sql('SELECT kind FROM security_event WHERE subject = $1', [someone.id]);
    expect(events).toContainEqual({ kind: 'scim.refused' });
  });

  it('asks for somebody of another tenant, and is told what it is told of nobody', async () => {
    await server.sql("INSERT INTO tenant (name) VALUES ('other') ON CONFLICT DO NOTHING");
    const foreign = await addPerson(server, { tenant: 'other' });
    const nobody = '00000000-0000-4000-8000-000000000000';
    const body = oktaUser(address());
    for (const send of [
      (id: string) => idp.get(`Users/${id}`),
      (id: string) => idp.put(`Users/${id}`, body),
      (id: string) => idp.patch(`Users/${id}`, [{ op: 'replace', value: { active: false } }]),
      (id: string) => idp.delete(`Users/${id}`),
      (id: string) => idp.get(`Groups/${id}`),
    ]) {
      const [one, other, third] = [await send(foreign.id), await send(nobody), await send('nonsense')];
      expect([one.status, one.body]).toEqual([404, other.body]);
      expect(third.body).toEqual(other.body);
    }
    expect(await person(foreign.id)).toMatchObject({ suspended: false });
  });

  it('asks what there is', async () => {
    const config = await idp.get('ServiceProviderConfig');
    expect(config.body).toMatchObject({
      patch: { supported: true },
      filter: { supported: true, maxResults: 200 },
    });
    expect((await idp.get('ResourceTypes')).body.Resources.map(({ id }) => id)).toEqual(['User', 'Group']);
    expect((await idp.get('ResourceTypes/User')).body).toMatchObject({ schema: USER, endpoint: '/Users' });
    expect((await idp.get('Schemas')).body.Resources.map(({ id }) => id)).toEqual([USER, GROUP]);
    expect((await idp.get(`Schemas/${GROUP}`)).body).toMatchObject({ name: 'Group' });
    for (const path of ['Nothing', 'Schemas/x', 'ResourceTypes/x', 'Bulk'])
      expect((await idp.get(path)).body).toMatchObject({ status: '404' });
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
  const { status, body } = await idp.post('Users', sent);
  expect([status, body]).toEqual([400, expect.objectContaining({ status: '400', scimType })]);
});

it('an administrator is made by no attribute of SCIM', async () => {
  const more = { admin: true, roles: [{ value: 'admin' }], tenant: 'other', suspended: true, generation: 9 };
  const { id } = await made(more);
  const ops = [
    { op: 'replace', value: more },
    { op: 'add', path: 'admin', value: true },
  ];
  await idp.patch(`Users/${id}`, ops);
  const [row] = await server.sql('SELECT admin, tenant, suspended, generation FROM person WHERE id = $1', [
    id,
  ]);
  expect(row).toEqual({ admin: false, tenant: 'demo', suspended: false, generation: 0 });
});

it('a body that is too large is refused', async () => {
  const { status, body } = await idp.post('Users', { userName: 'x'.repeat(1_100_000) });
  expect([status, body['status']]).toEqual([413, '413']);
});
