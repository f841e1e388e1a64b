import { IdentityProvider } from '@gatehouse/contracts';
import { groupsIn, groupsMatter, teamsFor } from './groups.js';

const settings = (changes: object = {}) =>
  IdentityProvider.parse({ name: 'corp', issuer: 'https://idp.example', client_id: 'c', ...changes });

describe('groups in claims', () => {
  it.each([
    [{ groups: ['a', 'b'] }, ['a', 'b']],
    [{ groups: 'a' }, ['a']],
    [{ groups: [] }, []],
    [{ groups: ['a', 7, null, ['b']] }, ['a']],
    [{ groups: { a: true } }, undefined],
    [{}, undefined],
    [{ _claim_names: { groups: 'src1' } }, 'overage'],
    [{ _claim_names: { roles: 'src1' } }, undefined],
    [{ _claim_names: 'groups' }, undefined],
    [{ hasgroups: true }, 'overage'],
    [{ hasgroups: 'true' }, 'overage'],
    [{ hasgroups: false }, undefined],
  ])('%j', (claims, expected) => expect(groupsIn(claims, settings())).toEqual(expected));

  it('may be inside of others', () => {
    const claims = { realm_access: { roles: ['a'] } };
    expect(groupsIn(claims, settings({ claims: { groups: 'realm_access.roles' } }))).toEqual(['a']);
  });
});

describe('teams', () => {
  it('are made of named groups, and of others only under a prefix', () => {
    const groups = { devs: 'dev', programmers: 'dev' };
    expect(teamsFor(['devs', 'programmers', 'x'], settings({ groups }))).toEqual(['dev']);
    expect(teamsFor(['devs', 'x'], settings({ groups, team_prefix: 'p:' }))).toEqual(['dev', 'p:x']);
    expect(teamsFor(['x'], settings())).toEqual([]);
  });

  it('are 100 at most', () => {
    const many = Array.from({ length: 101 }, (_, i) => `g${i}`);
    expect(teamsFor(many.slice(1), settings({ team_prefix: 'p:' }))).toHaveLength(100);
    expect(() => teamsFor(many, settings({ team_prefix: 'p:' }))).toThrow('too_many_groups');
  });

  it('are for those who are let in', () => {
    const allowed = settings({ allowed_groups: ['staff'] });
    expect(teamsFor(['staff'], allowed)).toEqual([]);
    expect(() => teamsFor(['Staff', 'staff '], allowed)).toThrow('not_in_allowed_groups');
    expect(() => teamsFor([], settings({ allowed_groups: [] }))).toThrow('not_in_allowed_groups');
  });

  it('matter only where something follows from them', () => {
    expect(groupsMatter(settings())).toBe(false);
    for (const change of [{ groups: { a: 'b' } }, { team_prefix: 'p' }, { allowed_groups: [] }])
      expect(groupsMatter(settings(change))).toBe(true);
  });
});
