import { addPerson } from '../../test/auth-server.js';
import { GROUP, ScimRig } from '../../test/scim-rig.js';

let rig: ScimRig;
beforeAll(async () => void (rig = await ScimRig.start()), 30_000);
afterAll(() => rig?.close());

describe('a group', () => {
  const group = async (displayName: string, members: readonly string[] = []) => {
    const { status, body } = await rig.idp.post('Groups', {
      ...{ schemas: [GROUP], displayName, externalId: `ext-${displayName}` },
      members: members.map((value) => ({ value, display: 'x' })),
    });
    expect(status).toBe(201);
    return String(body['id']);
  };
  const teams = async (id: string) => (await rig.person(id))?.['teams'];

  it('is a team, whose members come and go as Okta tells it', async () => {
    const [ada, bob] = [await rig.made(), await rig.made()];
    const id = await group('Okta Team', [ada.id]);
    expect(await teams(ada.id)).toEqual(['Okta Team:scim']);
    await rig.idp.patch(`Groups/${id}`, [
      { op: 'remove', path: `members[value eq "${ada.id}"]` },
      { op: 'add', path: 'members', value: [{ value: bob.id, display: bob.email }] },
    ]);
    expect([await teams(ada.id), await teams(bob.id)]).toEqual([[], ['Okta Team:scim']]);
    expect([await rig.person(ada.id), await rig.person(bob.id)]).toMatchObject([
      { generation: 1 },
      { generation: 0 },
    ]);
    await rig.idp.patch(`Groups/${id}`, [{ op: 'replace', path: 'members', value: [{ value: ada.id }] }]);
    expect([await teams(ada.id), await teams(bob.id)]).toEqual([['Okta Team:scim'], []]);
    await rig.server.toldEndOf('subject', bob.id);
    await rig.idp.patch(`Groups/${id}`, [{ op: 'replace', value: { id, displayName: 'Renamed Team' } }]);
    expect(await teams(ada.id)).toEqual(['Renamed Team:scim']);
    expect(await rig.person(ada.id)).toMatchObject({ generation: 2 });
  });

  it('is a team, whose members come and go as Entra ID tells it', async () => {
    const [ada, bob] = [await rig.made(), await rig.made()];
    const id = await group('Entra Team');
    const patch = (operation: object) => rig.idp.patch(`Groups/${id}`, [operation]);
    const add = { op: 'Add', path: 'members', value: [{ value: ada.id }, { value: bob.id }] };
    expect((await patch(add)).status).toBe(204);
    expect((await patch(add)).status).toBe(204);
    const shown = await rig.idp.get(`Groups/${id}`);
    expect(shown.body['members']).toHaveLength(2);
    await patch({ op: 'Remove', path: 'members', value: [{ value: ada.id }] });
    expect([await teams(ada.id), await teams(bob.id)]).toEqual([[], ['Entra Team:scim']]);
    const query = `excludedAttributes=members&filter=${encodeURIComponent('displayName eq "Entra Team"')}`;
    const [found] = (await rig.idp.get(`Groups?${query}`)).body.Resources;
    expect(found).toMatchObject({ id, displayName: 'Entra Team' });
    expect(found).not.toHaveProperty('members');
    const member = encodeURIComponent(`id eq "${id}" and members eq "${bob.id}"`);
    expect((await rig.idp.get(`Groups?filter=${member}`)).body['totalResults']).toBe(1);
    expect((await rig.idp.get(`Users/${bob.id}`)).body['groups']).toEqual([
      { value: id, display: 'Entra Team' },
    ]);
  });

  it('of the same name is a conflict, and a member whom nobody knows is a fault', async () => {
    await group('Only One');
    const again = await rig.idp.post('Groups', { schemas: [GROUP], displayName: 'Only One' });
    expect([again.status, again.body['scimType']]).toEqual([409, 'uniqueness']);
    const id = await group('With Strangers');
    for (const value of ['nonsense', '00000000-0000-4000-8000-000000000000']) {
      const add = { op: 'add', path: 'members', value: [{ value }] };
      const { status, body } = await rig.idp.patch(`Groups/${id}`, [add]);
      expect([status, body['scimType']]).toEqual([400, 'invalidValue']);
    }
  });

  it('leaves alone what others keep: memberships by hand stay when it is deleted', async () => {
    const ada = await rig.made();
    const id = await group('Shared', [ada.id]);
    const hand = await addPerson(rig.server, { teams: ['Shared'] });
    expect((await rig.idp.get(`Groups/${id}`)).body['members']).toHaveLength(1);
    await rig.idp.put(`Groups/${id}`, { schemas: [GROUP], displayName: 'Shared', members: [] });
    expect([await teams(ada.id), await teams(hand.id)]).toEqual([[], ['Shared:local']]);
    expect((await rig.idp.delete(`Groups/${id}`)).status).toBe(204);
    expect(await teams(hand.id)).toEqual(['Shared:local']);
    const alone = await group('Alone', [ada.id]);
    expect((await rig.idp.delete(`Groups/${alone}`)).status).toBe(204);
    expect((await rig.idp.get(`Groups/${alone}`)).status).toBe(404);
    expect(await teams(ada.id)).toEqual([]);
  });

  it('takes many changes at once, and none is lost', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, () => rig.made()));
    const id = await group('Crowd');
    const answers = await Promise.all(
      people.map((one) =>
        rig.idp.patch(`Groups/${id}`, [{ op: 'Add', path: 'members', value: [{ value: one.id }] }]),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(people.map(() => 204));
    expect((await rig.idp.get(`Groups/${id}`)).body['members']).toHaveLength(8);
  });
});
