import { randomUUID } from 'node:crypto';
import { seal, type Bus } from '@gatehouse/bus';
import {
  applyAccessManifests,
  changeServiceAccount,
  changeTeam,
  deleteSecret,
  getAuthKey,
  listIdentityProviders,
  listPeople,
  listSecurityEvents,
  listTeamMembers,
  listTeams,
  showServiceAccount,
} from '@gatehouse/contracts';
import { addPerson, startAuth, type AuthServer } from '../../test/auth-server.js';

let server: AuthServer;
let policy: Bus;
let admin: Bus;
beforeAll(async () => {
  server = await startAuth();
  policy = server.connect('policy');
  admin = server.connect('console');
});
afterAll(() => server.close());

const tenant = 'demo';
const newName = () => `n${randomUUID().slice(0, 8)}`;
const page = { tenant, limit: 500 };

async function apply(manifests: object[], dryRun = false) {
  const { key } = await policy.request(getAuthKey, {});
  const documents = manifests.map((manifest, index) => ({ place: `document ${index + 1}`, manifest }));
  const sealed = await seal({ tenant, by: 'a@b.c', dryRun, documents }, key);
  return (await policy.request(applyAccessManifests, { sealed })).changes;
}

const team = (name: string, ...members: string[]) => ({ type: 'team', name, members });
const account = (name: string, given: object = {}) => ({ type: 'service-account', name, ...given });
const provider = (name: string, given: object = {}) => ({
  ...{ type: 'identity-provider', name, issuer: `https://${name}.example.com`, client_id: 'gate', ...given },
});

async function findTeam(name: string) {
  return (await admin.request(listTeams, page)).items.find((one) => one.name === name);
}
async function membersOf(name: string): Promise<Array<[string, string[]]>> {
  const { id = '' } = (await findTeam(name)) ?? {};
  const { items } = await admin.request(listTeamMembers, { ...page, team: id });
  return items.map(({ email, sources }) => [email, sources]);
}
const findProvider = async (name: string) =>
  (await admin.request(listIdentityProviders, { tenant })).items.find((one) => one.name === name);

describe('a team in a manifest', () => {
  it('has the members that it names; people whom nobody knows are made, and cannot sign in by a password', async () => {
    const name = newName();
    const known = await addPerson(server);
    const [change] = await apply([team(name, `${name}@x.com`, known.email)]);
    expect(change).toMatchObject({ before: null, newSecret: false });
    expect(await membersOf(name)).toEqual(
      [known.email, `${name}@x.com`].sort().map((email) => [email, ['local']]),
    );
    const rows = await server.sql('SELECT name, admin, password_hash FROM person WHERE email = $1', [
      `${name}@x.com`,
    ]);
    expect(rows).toEqual([{ name: `${name}@x.com`, admin: false, password_hash: null }]);
  });

  it('loses whom it names no more, with the access that hung on it; what others keep stays', async () => {
    const name = newName();
    const [gone, kept] = [await addPerson(server), await addPerson(server)];
    await apply([team(name, gone.email)]);
    await server.sql("INSERT INTO team_member (tenant, team, person, source) VALUES ($1, $2, $3, 'scim')", [
      ...[tenant, name, kept.id],
    ]);
    await apply([team(name)]);
    await server.toldEndOf('subject', gone.id);
    expect(await membersOf(name)).toEqual([[kept.email, ['scim']]]);
    const { items } = await admin.request(listSecurityEvents, { ...page, subject: gone.id });
    expect(items.map(({ kind, detail }) => [kind, detail['by']])).toEqual([
      ['team_member.removed', 'a@b.c'],
      ['team_member.added', 'a@b.c'],
    ]);
  });

  it('is the same applied again, and shows what somebody has changed since', async () => {
    const [name, other] = [newName(), await addPerson(server)];
    const document = team(name, `b${name}@x.com`, `a${name}@x.com`);
    await apply([document]);
    const [same] = await apply([document]);
    expect(same?.before).toEqual(same?.after);
    const { id = '' } = (await findTeam(name)) ?? {};
    await admin.request(changeTeam, { tenant, team: id, add: [other.id], by: 'x' });
    const [changed] = await apply([document]);
    expect(changed?.before?.['members']).toEqual([other.email, ...document.members].sort());
    expect((await membersOf(name)).map(([email]) => email)).toEqual([...document.members].sort());
  });
});

describe('a service account in a manifest', () => {
  it('may be in a team of another document, which may come later', async () => {
    const name = newName();
    await apply([account(name, { teams: [`${name}s`], roles: ['scim'] }), team(`${name}s`)]);
    expect(await admin.request(showServiceAccount, { tenant, name })).toMatchObject({
      ...{ description: '', teams: [`${name}s`], roles: ['scim'], clients: [], suspended: false },
    });
  });

  it('keeps its clients, and stays suspended', async () => {
    const name = newName();
    await apply([account(name)]);
    const changes = { clients: [`client-${name}`], suspended: true };
    await admin.request(changeServiceAccount, { tenant, name, by: 'x', changes });
    await apply([account(name, { description: 'Builds' })]);
    expect(await admin.request(showServiceAccount, { tenant, name })).toMatchObject({
      ...{ description: 'Builds', ...changes },
    });
  });

  it('in an unknown team is a fault; nothing is applied', async () => {
    const name = newName();
    const documents = [team(name, `${name}@x.com`), account(name, { teams: [name, 'nowhere'] })];
    await expect(apply(documents)).rejects.toMatchObject({
      code: 'policy.invalid_manifest',
      message: 'document 2: teams[1]: there is no team nowhere',
    });
    expect(await findTeam(name)).toBeUndefined();
    expect((await admin.request(listPeople, { ...page, email: `${name}@x.com` })).items).toEqual([]);
  });
});

describe('an identity provider in a manifest', () => {
  it('is put, with its secret in the vault, and never shown', async () => {
    const name = newName();
    const changes = await apply([provider(name, { client_secret: 'hush' })]);
    expect(changes[0]?.after['client_secret']).toBe('[secret]');
    expect(JSON.stringify(changes)).not.toContain('hush');
    expect(await findProvider(name)).toMatchObject({ client_id: 'gate', has_client_secret: true });
  });

  it('is the same with the same secret or none named; another one is a change, a lost one too', async () => {
    const name = newName();
    const withSecret = (client_secret: string | null) => provider(name, { client_secret });
    await apply([withSecret('hush')]);
    const updated = (await findProvider(name))?.updated;
    for (const document of [withSecret('hush'), provider(name)]) {
      const [change] = await apply([document]);
      expect([change?.newSecret, change?.before]).toEqual([false, change?.after]);
    }
    expect((await findProvider(name))?.updated).toBe(updated);
    expect((await apply([withSecret('other')], true))[0]?.newSecret).toBe(true);
    expect((await apply([withSecret('hush')], true))[0]?.newSecret).toBe(false);
    await server.connect('auth').request(deleteSecret, { tenant, kind: 'identity-provider', name });
    expect((await apply([withSecret('hush')]))[0]?.newSecret).toBe(true);
    await apply([withSecret(null)]);
    expect(await findProvider(name)).toMatchObject({ has_client_secret: false });
  });

  it('that clashes with another, stored or applied with it, is a fault', async () => {
    const [one, two] = [newName(), newName()];
    const domains = [`${one}.com`];
    const both = [provider(one, { domains }), provider(two, { domains })];
    await expect(apply(both)).rejects.toMatchObject({
      message: [
        `document 1: ${two} speaks for ${one}.com already`,
        `document 2: ${one} speaks for ${one}.com already`,
      ].join('\n'),
    });
    expect(await findProvider(one)).toBeUndefined();
    await apply([both[0] as object]);
    await expect(apply([both[1] as object])).rejects.toMatchObject({
      message: `document 1: ${one} speaks for ${one}.com already`,
    });
  });

  it('may exchange domains with another in one go', async () => {
    const [one, two] = [newName(), newName()];
    const [first, second] = [[`${one}.com`], [`${two}.com`]];
    await apply([provider(one, { domains: first }), provider(two, { domains: second })]);
    await apply([provider(one, { domains: second }), provider(two, { domains: first })]);
    expect((await findProvider(one))?.domains).toEqual(second);
  });

  it('at another issuer needs its secret anew', async () => {
    const name = newName();
    await apply([provider(name, { client_secret: 'hush' })]);
    await expect(apply([provider(name, { issuer: 'https://evil.example' })])).rejects.toMatchObject({
      message: expect.stringMatching(/^document 1: client_secret: give it anew/) as string,
    });
  });
});

it('changes nothing in a dry run', async () => {
  const name = newName();
  const documents = [team(name, `${name}@x.com`), account(name), provider(name, { client_secret: 'hush' })];
  expect((await apply(documents, true)).map(({ before }) => before)).toEqual([null, null, null]);
  expect([await findTeam(name), await findProvider(name)]).toEqual([undefined, undefined]);
  await expect(admin.request(showServiceAccount, { tenant, name })).rejects.toMatchObject({
    code: 'auth.unknown_service_account',
  });
  expect((await admin.request(listPeople, { ...page, email: `${name}@x.com` })).items).toEqual([]);
});

it('done twice at once is done once; who comes second may be told to do it again', async () => {
  const name = newName();
  const documents = [
    ...[team(name, `${name}@x.com`), account(name, { teams: [name] })],
    provider(name, { client_secret: 'hush' }),
  ];
  const outcomes = await Promise.allSettled([apply(documents), apply(documents)]);
  const failures = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  expect(failures.length).toBeLessThan(2);
  for (const failure of failures) expect(failure).toMatchObject({ code: 'policy.version_conflict' });
  for (const { before, after } of await apply(documents)) expect(before).toEqual(after);
});

it('is to be done again where somebody else has changed the same meanwhile', async () => {
  const name = newName();
  await server.sql(
    'CREATE FUNCTION taken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE unique_violation; END $$',
  );
  await server.sql(
    `CREATE TRIGGER taken BEFORE INSERT ON team FOR EACH ROW WHEN (NEW.name = '${name}') EXECUTE FUNCTION taken()`,
  );
  await expect(apply([team(name)])).rejects.toMatchObject({ code: 'policy.version_conflict' });
});

it('says of many long lists only whether they change, so that the reply fits', async () => {
  const small = newName();
  await apply([team(small)]);
  const names = Array.from({ length: 12 }, newName);
  const members = Array.from({ length: 1_000 }, (_, index) => `member-number-${index}@example.com`);
  const changes = await apply([...names.map((name) => team(name, ...members)), team(small)], true);
  expect(changes[0]).toEqual({
    ...{ before: null, newSecret: false },
    after: { type: 'team', name: names[0], others: '(too long to show)' },
  });
  expect(changes.at(-1)).toMatchObject({ before: { name: small }, after: { name: small } });
  expect(changes.at(-1)?.before).toEqual(changes.at(-1)?.after);
});
