import { introspectToken } from '@gatehouse/contracts';
import { signInHeadless } from '@gatehouse/testing';
import { addPerson } from '../../test/auth-server.js';
import { address, ENTERPRISE, oktaUser, personalToken, ScimRig, USER } from '../../test/scim-rig.js';
import { digest } from '../opaque-secret.js';

let rig: ScimRig;
beforeAll(async () => void (rig = await ScimRig.start()), 30_000);
afterAll(() => rig?.close());

describe('a user as Okta provisions one', () => {
  it('is looked for, made, shown, changed and deactivated', async () => {
    const email = address();
    const filter = encodeURIComponent(`userName eq "${email}"`);
    const none = await rig.idp.get(`Users?filter=${filter}&startIndex=1&count=100`);
    expect([none.status, none.body]).toEqual([
      200,
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
        ...{ totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] },
      },
    ]);
    const { status, headers, body } = await rig.idp.post('Users', oktaUser(email));
    const id = String(body['id']);
    const location = `${rig.server.origin}/scim/v2/demo/Users/${id}`;
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(location);
    expect(headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
    expect(body).toMatchObject({
      ...{ userName: email, displayName: 'Test User', active: true, externalId: `00u-${email}` },
      meta: { resourceType: 'User', location },
    });
    expect(body).not.toHaveProperty('password');
    expect((await rig.idp.get(`Users?filter=${filter}`)).body.Resources).toMatchObject([{ id }]);
    const renamed = oktaUser(email, { id, displayName: 'Other Name', meta: body['meta'] });
    expect((await rig.idp.put(`Users/${id}`, renamed)).body).toMatchObject({ id, displayName: 'Other Name' });
    expect(await rig.person(id)).toMatchObject({
      email,
      name: 'Other Name',
      suspended: false,
      generation: 0,
    });
    const off = await rig.idp.patch(`Users/${id}`, [{ op: 'replace', value: { active: false } }]);
    expect([off.status, off.body['active']]).toEqual([200, false]);
    expect(await rig.person(id)).toMatchObject({ suspended: true, generation: 1 });
    await rig.idp.patch(`Users/${id}`, [{ op: 'replace', value: { active: true } }]);
    expect(await rig.person(id)).toMatchObject({ suspended: false, generation: 1 });
  });

  it('that is there already is a conflict, by address and by external id', async () => {
    const { email } = await rig.made();
    for (const user of [oktaUser(email.toUpperCase()), oktaUser(address(), { externalId: `00u-${email}` })]) {
      const { status, body } = await rig.idp.post('Users', user);
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
    const { status, body } = await rig.idp.post('Users', {
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
    const { status: patched } = await rig.idp.patch(`Users/${id}`, [
      { op: 'Replace', path: 'displayName', value: 'Ada Lovelace' },
      { op: 'Replace', path: 'name.familyName', value: 'Lovelace' },
      { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Sales' },
      { op: 'Replace', path: 'addresses[type eq "work"].country', value: 'UK' },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: `new-${email}` },
    ]);
    expect(patched).toBe(200);
    expect(await rig.person(id)).toMatchObject({
      email: `new-${email}`,
      name: 'Ada Lovelace',
      generation: 1,
    });
    const found = await rig.idp.get(`Users?filter=${encodeURIComponent(`userName eq "upn-${email}"`)}`);
    expect(found.body.Resources).toMatchObject([{ id, name: { familyName: 'Lovelace', givenName: 'Ada' } }]);
  });

  it.each([
    ['as a text', [{ op: 'Replace', path: 'active', value: 'False' }]],
    ['without a path', [{ op: 'Replace', value: { active: 'False' } }]],
    ['as a truth value', [{ op: 'replace', path: 'active', value: false }]],
    ['in another case', [{ op: 'REPLACE', path: 'Active', value: 'false' }]],
  ])('is deactivated %s', async (_how, operations) => {
    const { id } = await rig.made();
    expect((await rig.idp.patch(`Users/${id}`, operations)).body['active']).toBe(false);
    expect(await rig.person(id)).toMatchObject({ suspended: true });
  });

  it('gets an address of a kind that was not there', async () => {
    const { id } = await rig.made({ emails: [] });
    await rig.idp.patch(`Users/${id}`, [
      { op: 'Add', path: 'emails[type eq "work"].value', value: 'Work@Example.com' },
    ]);
    expect(await rig.person(id)).toMatchObject({ email: 'work@example.com' });
  });

  it('is answered its test of the connection', async () => {
    const { body } = await rig.idp.get(`Users?filter=userName+eq+%22non-existing%22`);
    expect(body).toMatchObject({ totalResults: 0, Resources: [] });
  });
});

describe('deactivating a user', () => {
  it('ends what they hold on every edge within a second, and reactivating revives nothing of it', async () => {
    const someone = await addPerson(rig.server);
    const { client, refresh_token } = await signInHeadless({
      ...{ resource: rig.server.resource(), metadata: rig.server.metadata },
      ...{ email: someone.email, password: someone.password },
    });
    const token = await personalToken(rig.server, someone.id);
    const begun = performance.now();
    await rig.idp.patch(`Users/${someone.id}`, [{ op: 'replace', value: { active: false } }]);
    expect(await rig.server.toldEndOf('subject', someone.id)).toMatchObject({ generation: 1 });
    expect(performance.now() - begun).toBeLessThan(1_000);
    const refused = await client.token({ grant_type: 'refresh_token', refresh_token });
    expect(await refused.json()).toMatchObject({ error: 'invalid_grant' });
    await rig.idp.patch(`Users/${someone.id}`, [{ op: 'replace', value: { active: true } }]);
    const still = await client.token({ grant_type: 'refresh_token', refresh_token });
    expect(await still.json()).toMatchObject({ error: 'invalid_grant' });
    const asked = rig.server.connect('edge').request(introspectToken, { hash: digest(token) });
    await expect(asked).rejects.toMatchObject({ code: 'auth.unknown_token' });
  });

  it('is refused for the last administrator, as is removing them', async () => {
    const [admin] = await rig.server.sql<{ id: string }>('SELECT id FROM person WHERE admin');
    for (const answer of [
      await rig.idp.patch(`Users/${admin?.id}`, [{ op: 'replace', value: { active: false } }]),
      await rig.idp.delete(`Users/${admin?.id}`),
    ])
      expect([answer.status, answer.body['detail']]).toEqual([
        409,
        expect.stringContaining('last administrator'),
      ]);
  });

  it('for good removes them, and whoever comes with the same address is somebody else', async () => {
    const { id, email } = await rig.made();
    expect((await rig.idp.delete(`Users/${id}`)).status).toBe(204);
    expect((await rig.idp.get(`Users/${id}`)).status).toBe(404);
    expect((await rig.idp.delete(`Users/${id}`)).status).toBe(404);
    expect((await rig.made({}, email)).id).not.toBe(id);
  });
});
