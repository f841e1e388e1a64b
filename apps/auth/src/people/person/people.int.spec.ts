import { randomUUID } from 'node:crypto';
import type { Bus } from '@gatehouse/bus';
import {
  changePerson,
  changeTeam,
  addTeam,
  getPerson,
  listPeople,
  listSecurityEvents,
  listTeamMembers,
  listTeams,
  removePerson,
  removeTeam,
  signOutPerson,
} from '@gatehouse/contracts';
import { approve, Browser, OAuthClient, shown, signInHeadless } from '@gatehouse/testing';
import { decodeJwt } from 'jose';
import { addPerson, startAuth, type AuthServer, type TestPerson } from '../../../test/auth-server.js';

let server: AuthServer;
let bus: Bus;
const tenant = 'demo';
const by = 'a test';
beforeAll(async () => {
  server = await startAuth();
  bus = server.connect('console');
}, 30_000);
afterAll(() => server?.close());

const signIn = ({ email, password }: TestPerson) =>
  signInHeadless({ resource: server.resource(), metadata: server.metadata, email, password });
const change = (person: string, changes: { admin?: boolean; suspended?: boolean; name?: string }) =>
  bus.request(changePerson, { tenant, person, by, ...changes });
const refused = async (client: OAuthClient, refresh_token: string) => {
  const response = await client.token({ grant_type: 'refresh_token', refresh_token });
  return ((await response.json()) as { error?: string }).error;
};

describe('the last administrator', () => {
  const admins = () =>
    server.sql<{ id: string }>('SELECT id FROM person WHERE tenant = $1 AND admin AND NOT suspended', [
      tenant,
    ]);

  it('cannot be demoted, suspended or removed', async () => {
    const [last] = await admins();
    const person = last?.id ?? '';
    for (const attempt of [
      () => change(person, { admin: false }),
      () => change(person, { suspended: true }),
      () => bus.request(removePerson, { tenant, person, by }),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'auth.last_admin' });
    expect(await admins()).toHaveLength(1);
  });

  it('stays, when the last two end each other at the same time', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [one] = await admins();
      const other = await addPerson(server);
      await change(other.id, { admin: true });
      const ends = [
        change(one?.id ?? '', { admin: false }),
        round % 2
          ? change(other.id, { suspended: true })
          : bus.request(removePerson, { tenant, person: other.id, by }),
      ];
      const outcomes = await Promise.allSettled(ends);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await admins()).toHaveLength(1);
    }
  });

  it('is not kept by one who is suspended, nor by one of another tenant', async () => {
    await server.sql("INSERT INTO tenant (name) VALUES ('other') ON CONFLICT DO NOTHING");
    const elsewhere = await addPerson(server, { tenant: 'other' });
    await server.sql('UPDATE person SET admin = true WHERE id = $1', [elsewhere.id]);
    const idle = await addPerson(server);
    await server.sql('UPDATE person SET admin = true, suspended = true WHERE id = $1', [idle.id]);
    const [last] = await admins();
    await expect(change(last?.id ?? '', { admin: false })).rejects.toMatchObject({ code: 'auth.last_admin' });
  });
});

describe('a person', () => {
  it('who is suspended holds nothing any more, and once restored signs in again at once', async () => {
    const someone = await addPerson(server);
    const { client, refresh_token, access_token } = await signIn(someone);
    expect(decodeJwt(access_token)['gen']).toBe(0);
    const { lastSignIn } = await bus.request(getPerson, { tenant, person: someone.id });
    expect(Date.parse(lastSignIn ?? '')).toBeGreaterThan(Date.now() - 60_000);
    await change(someone.id, { suspended: true });
    expect(await server.toldEndOf('subject', someone.id)).toMatchObject({ generation: 1 });
    expect(await refused(client, refresh_token)).toBe('invalid_grant');
    await change(someone.id, { suspended: false });
    expect(await refused(client, refresh_token)).toBe('invalid_grant');
    expect(decodeJwt((await signIn(someone)).access_token)['gen']).toBe(1);
  });

  it('who is no administrator any more goes on with new tokens that do not say so', async () => {
    const someone = await addPerson(server);
    await change(someone.id, { admin: true });
    const api = { resource: `${server.origin}/api/v1`, metadata: server.metadata };
    const { client, refresh_token, access_token } = await signInHeadless({ ...api, ...someone });
    expect(decodeJwt(access_token)).toMatchObject({ admin: true, gen: 0 });
    await change(someone.id, { admin: false });
    await server.toldEndOf('subject', someone.id);
    expect(decodeJwt((await client.refresh(refresh_token)).access_token)).toMatchObject({
      admin: false,
      gen: 1,
    });
  });

  it('who is signed out everywhere is so in browsers and clients; their tokens go only if asked', async () => {
    const someone = await addPerson(server);
    const browser = new Browser();
    const client = await OAuthClient.register(server.metadata);
    const request = client.authorization({ resource: server.resource() });
    const tokens = await client.exchange(await approve(browser, request, someone), request);
    const again = await browser.open(
      client.authorization({ resource: server.resource() }).url,
      client.redirectUri,
    );
    expect('leftFor' in again).toBe(true);
    await bus.request(signOutPerson, { tenant, person: someone.id, tokens: false, by });
    expect(await refused(client, tokens.refresh_token)).toBe('invalid_grant');
    const page = await browser.open(
      client.authorization({ resource: server.resource() }).url,
      client.redirectUri,
    );
    expect(shown(page).html).toContain('Sign in');
  });

  it.each([
    ['approval', '\0'],
    ['return to the client', '/authorize/'],
  ])(
    'cannot finish a sign-in that was under way, at its %s, when they were signed out',
    async (_at, path) => {
      const someone = await addPerson(server);
      const browser = new Browser();
      const client = await OAuthClient.register(server.metadata);
      const { url } = client.authorization({ resource: server.resource() });
      const signInPage = shown(await browser.open(url, client.redirectUri));
      const values = { Email: someone.email, Password: someone.password };
      const at = await browser.press(signInPage, 'Sign in', { values, until: server.origin + path });
      await bus.request(signOutPerson, { tenant, person: someone.id, tokens: true, by });
      const after =
        'leftFor' in at
          ? await browser.open(at.leftFor, client.redirectUri)
          : await browser.press(at, 'Approve', { until: client.redirectUri });
      expect(shown(after).html).toContain('expired');
    },
  );

  it('of another tenant is unknown', async () => {
    await server.sql("INSERT INTO tenant (name) VALUES ('other') ON CONFLICT DO NOTHING");
    const { id: person } = await addPerson(server, { tenant: 'other' });
    const unknown = { code: 'auth.unknown_person' };
    await expect(bus.request(getPerson, { tenant, person })).rejects.toMatchObject(unknown);
    await expect(change(person, { suspended: true })).rejects.toMatchObject(unknown);
    await expect(bus.request(removePerson, { tenant, person, by })).rejects.toMatchObject(unknown);
    await expect(bus.request(getPerson, { tenant, person: 'nonsense' })).rejects.toMatchObject(unknown);
  });

  it('is found by a part of the address, in pages; what a pattern means elsewhere means itself here', async () => {
    const mark = randomUUID();
    for (const name of ['a', 'b_', 'c']) await addPerson(server, { email: `${name}-${mark}@example.com` });
    const page = await bus.request(listPeople, { tenant, email: mark.toUpperCase(), limit: 2 });
    expect(page.items.map(({ email }) => email[0])).toEqual(['a', 'b']);
    const rest = await bus.request(listPeople, { tenant, email: mark, limit: 2, cursor: page.next ?? '' });
    expect([rest.items.map(({ email }) => email[0]), rest.next]).toEqual([['c'], null]);
    const literally = async (email: string) =>
      (await bus.request(listPeople, { tenant, email })).items.length;
    expect([
      await literally(`_-${mark}`),
      await literally(`%${mark}`),
      await literally(`' OR 1=1 --`),
    ]).toEqual([1, 0, 0]);
    await change(page.items[0]?.id ?? '', { suspended: true });
    const suspended = await bus.request(listPeople, { tenant, email: mark, suspended: true });
    expect(suspended.items).toHaveLength(1);
  });
});

describe('a team', () => {
  it('that is taken away, by hand or with its last source, ends access tokens', async () => {
    const someone = await addPerson(server);
    const { id: team, name } = await bus.request(addTeam, { tenant, name: `team ${randomUUID()}`, by });
    await expect(bus.request(addTeam, { tenant, name, by })).rejects.toMatchObject({
      code: 'auth.team_exists',
    });
    const edit = (members: { add?: string[]; remove?: string[] }) =>
      bus.request(changeTeam, { tenant, team, by, ...members });
    expect(await edit({ add: [someone.id, someone.id] })).toMatchObject({ members: 1 });
    await server.sql('INSERT INTO team_member (tenant, team, person, source) VALUES ($1, $2, $3, $4)', [
      ...[tenant, name, someone.id, 'scim'],
    ]);
    const { items } = await bus.request(listTeamMembers, { tenant, team });
    expect(items).toEqual([
      {
        id: someone.id,
        email: someone.email,
        name: someone.email,
        sources: expect.arrayContaining(['local', 'scim']) as unknown,
      },
    ]);
    expect(await edit({ remove: [someone.id] })).toMatchObject({ members: 1 });
    expect((await bus.request(getPerson, { tenant, person: someone.id })).teams).toEqual([
      { id: team, name, sources: ['scim'] },
    ]);
    const generation = async () =>
      (
        await server.sql<{ generation: number }>('SELECT generation FROM person WHERE id = $1', [someone.id])
      )[0]?.generation;
    expect(await generation()).toBe(0);
    await bus.request(removeTeam, { tenant, team, by });
    expect(await server.toldEndOf('subject', someone.id)).toMatchObject({ generation: 1 });
    expect(await generation()).toBe(1);
  });

  it('takes nobody of another tenant in, and is known in its own alone', async () => {
    await server.sql("INSERT INTO tenant (name) VALUES ('other') ON CONFLICT DO NOTHING");
    const stranger = await addPerson(server, { tenant: 'other' });
    const { id: team } = await bus.request(addTeam, { tenant, name: `team ${randomUUID()}`, by });
    await expect(bus.request(changeTeam, { tenant, team, add: [stranger.id], by })).rejects.toMatchObject({
      code: 'auth.unknown_person',
    });
    for (const request of [
      () => bus.request(changeTeam, { tenant: 'other', team, add: [stranger.id], by }),
      () => bus.request(removeTeam, { tenant: 'other', team, by }),
      () => bus.request(listTeamMembers, { tenant: 'other', team }),
    ])
      await expect(request()).rejects.toMatchObject({ code: 'auth.unknown_team' });
  });

  it('is listed by name, in pages', async () => {
    for (const name of ['a list', 'b list']) await bus.request(addTeam, { tenant, name, by });
    const all = (await bus.request(listTeams, { tenant })).items.map(({ name }) => name);
    const first = await bus.request(listTeams, { tenant, limit: 1 });
    const second = await bus.request(listTeams, { tenant, limit: 1, cursor: first.next ?? '' });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(all.slice(0, 2));
  });
});

describe('security events', () => {
  it('are listed newest first, by kind and subject, in pages without gaps', async () => {
    const { id: person } = await addPerson(server);
    for (let round = 0; round < 3; round += 1) {
      await change(person, { suspended: true });
      await change(person, { suspended: false });
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { items: { kind: string }[]; next: string | null } = await bus.request(listSecurityEvents, {
        ...{ tenant, subject: person, limit: 2 },
        ...(cursor === '' ? {} : { cursor }),
      });
      seen.push(...page.items.map(({ kind }) => kind));
      cursor = page.next;
    }
    expect(seen).toEqual(Array.from({ length: 3 }, () => ['person.restored', 'person.suspended']).flat());
    const kinds = await bus.request(listSecurityEvents, {
      tenant,
      subject: person,
      kind: 'person.suspended',
    });
    expect(kinds.items).toHaveLength(3);
    expect(kinds.items[0]).toMatchObject({ subject: person, detail: { by } });
    expect((await bus.request(listSecurityEvents, { tenant: 'other', subject: person })).items).toEqual([]);
    for (const wrong of ['nonsense', `${new Date().toISOString()} x`, `x ${randomUUID()}`])
      await expect(bus.request(listSecurityEvents, { tenant, cursor: wrong })).rejects.toMatchObject({
        code: 'api.invalid_request',
      });
  });
});
