import { randomUUID } from 'node:crypto';
import { TransportKey } from '@gatehouse/bus';
import {
  addTeam,
  createServiceAccount,
  createServiceAccountToken,
  deleteServiceAccount,
  listEndedAccess,
  listServiceAccounts,
  listServiceAccountTokens,
  removeTeam,
  revokeServiceAccountToken,
  showServiceAccount,
  type ServiceAccountSettings,
} from '@gatehouse/contracts';
import { startAuth, type AuthServer } from '../../test/auth-server.js';
import { PLAIN, TestAccounts, type Named } from '../../test/service-accounts.js';

let server: AuthServer;
let accounts: TestAccounts;
beforeAll(async () => {
  server = await startAuth();
  accounts = new TestAccounts(server);
  await server.sql("INSERT INTO tenant (name) VALUES ('other')");
  await server.sql(
    "INSERT INTO team (tenant, name) VALUES ('demo', 'build'), ('demo', 'ops'), ('other', 'theirs')",
  );
});
afterAll(() => server.close());

const unknownToken = { code: 'auth.unknown_token' };
const unknownAccount = { code: 'auth.unknown_service_account' };
const subjectOf = async (token: string) => (await accounts.introspect(token)).subject.id;

describe('a service account', () => {
  it('is told by its token, with its teams and roles', async () => {
    const named = await accounts.add({ teams: ['ops', 'build'], roles: ['scim'] });
    const token = await accounts.newToken(named);
    expect(token.value).toMatch(/^gatehouse_sat_[\w-]{43}$/);
    expect(await accounts.introspect(token.value)).toEqual({
      tenant: 'demo',
      subject: { type: 'service-account', id: expect.any(String) as unknown, name: named.name },
      teams: ['build', 'ops'],
      admin: false,
      roles: ['scim'],
      token: token.id,
      expires: token.expires,
    });
  });

  it('administers only if an administrator said so, and no longer than that', async () => {
    const named = await accounts.add({ roles: ['admin'] });
    const { value } = await accounts.newToken(named);
    expect(await accounts.introspect(value)).toMatchObject({ admin: true });
    const subject = await subjectOf(value);
    await accounts.change(named, { roles: [] });
    expect(await accounts.introspect(value)).toMatchObject({ admin: false });
    expect(await server.toldEndOf('subject', subject)).toMatchObject({ tenant: 'demo', generation: 1 });
  });

  it('has one name in its tenant, and the same name may be used in another', async () => {
    const named = await accounts.add();
    const again = { ...named, settings: PLAIN };
    await expect(accounts.console.request(createServiceAccount, again)).rejects.toMatchObject({
      code: 'auth.service_account_exists',
    });
    await accounts.console.request(createServiceAccount, { ...again, tenant: 'other' });
  });

  it('is in teams that exist in its own tenant', async () => {
    const faulty = { code: 'auth.unknown_team' };
    await expect(accounts.add({ teams: ['theirs'] })).rejects.toMatchObject(faulty);
    await expect(accounts.change(await accounts.add(), { teams: ['nobodys'] })).rejects.toMatchObject(faulty);
  });

  it.each<[string, Partial<ServiceAccountSettings>]>([
    ['is suspended', { suspended: true }],
    ['loses a team', { teams: ['ops'] }],
    ['loses a role', { roles: [] }],
    ['loses a client', { clients: [] }],
  ])('that %s loses what was issued before, on every edge', async (_what, changes) => {
    const clients = [randomUUID()];
    const named = await accounts.add({ teams: ['ops', 'build'], roles: ['scim'], clients });
    const subject = await subjectOf((await accounts.newToken(named)).value);
    await accounts.change(named, changes);
    const ended = await server.toldEndOf('subject', subject);
    expect(ended).toMatchObject({ kind: 'subject', generation: 1 });
    expect((await server.connect('edge').request(listEndedAccess, {})).items).toContainEqual(ended);
  });

  it('loses what was issued before when its team is removed', async () => {
    const name = randomUUID();
    const { id } = await accounts.console.request(addTeam, { tenant: 'demo', by: 'x', name });
    const { value } = await accounts.newToken(await accounts.add({ teams: [name] }));
    const { subject } = await accounts.introspect(value);
    await accounts.console.request(removeTeam, { tenant: 'demo', team: id, by: 'x' });
    expect(await server.toldEndOf('subject', subject.id)).toMatchObject({ generation: 1 });
    expect((await accounts.introspect(value)).teams).toEqual([]);
  });

  it('keeps what it has where nothing is taken away', async () => {
    const named = await accounts.add({ teams: ['ops'] });
    const subject = await subjectOf((await accounts.newToken(named)).value);
    await accounts.change(named, { description: 'the build', teams: ['ops', 'build'], roles: ['scim'] });
    const { items } = await server.connect('edge').request(listEndedAccess, {});
    expect(items.filter(({ id }) => id === subject)).toEqual([]);
  });

  it.each<[string, (named: Named) => Promise<unknown>]>([
    ['suspended', (named) => accounts.change(named, { suspended: true })],
    ['deleted', (named) => accounts.console.request(deleteServiceAccount, named)],
  ])('that is %s is known by no token', async (_what, end) => {
    const named = await accounts.add();
    const { value } = await accounts.newToken(named);
    await accounts.introspect(value);
    await end(named);
    await expect(accounts.introspect(value)).rejects.toMatchObject(unknownToken);
  });

  it('that is made again under the name of one that was deleted is another', async () => {
    const named = await accounts.add();
    const subject = await subjectOf((await accounts.newToken(named)).value);
    await accounts.console.request(deleteServiceAccount, named);
    await server.toldEndOf('subject', subject);
    await accounts.console.request(createServiceAccount, { ...named, settings: PLAIN });
    expect(await subjectOf((await accounts.newToken(named)).value)).not.toBe(subject);
  });

  it('of another tenant is like one that does not exist, in every call', async () => {
    const theirs = { ...(await accounts.add({}, 'other')), tenant: 'demo' };
    const nobodys = { ...theirs, name: 'nobody' };
    const { publicJwk: recipient } = await TransportKey.create();
    for (const named of [theirs, nobodys]) {
      const calls = [
        () => accounts.console.request(showServiceAccount, named),
        () => accounts.change(named, { suspended: true }),
        () => accounts.console.request(deleteServiceAccount, named),
        () => accounts.console.request(listServiceAccountTokens, named),
        () => accounts.console.request(createServiceAccountToken, { ...named, token: 'x', recipient }),
        () => accounts.rotate(named, randomUUID(), 0),
        () => accounts.console.request(revokeServiceAccountToken, { ...named, id: randomUUID() }),
        () => accounts.console.request(revokeServiceAccountToken, { ...named, id: null }),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject(unknownAccount);
    }
  });

  it('is listed by name, page by page, with its last use', async () => {
    await server.sql("DELETE FROM service_account WHERE tenant = 'other'");
    for (const name of ['a', 'b', 'c'])
      await accounts.console.request(createServiceAccount, {
        tenant: 'other',
        by: 'x',
        name,
        settings: PLAIN,
      });
    const page = (after: string | null) =>
      accounts.console.request(listServiceAccounts, { tenant: 'other', limit: 2, after });
    expect(await page(null)).toMatchObject({
      items: [{ name: 'a', lastUsed: null }, { name: 'b' }],
      next: 'b',
    });
    expect(await page('b')).toMatchObject({ items: [{ name: 'c' }], next: null });
    const { value } = await accounts.newToken({ tenant: 'other', name: 'a', by: 'x' });
    await accounts.introspect(value);
    // The note is written while nobody waits.
    for (let looks = 0; looks < 500 && (await page(null)).items[0]?.lastUsed === null; looks += 1);
    expect((await page(null)).items[0]?.lastUsed).not.toBeNull();
  });

  it('leaves a security event at each change, that says who made it', async () => {
    const named = await accounts.add();
    await accounts.newToken(named);
    await accounts.change(named, { suspended: true });
    const events = await server.sql<{ kind: string; detail: object }>(
      "SELECT kind, detail FROM security_event WHERE detail->>'name' = $1 ORDER BY id",
      [named.name],
    );
    expect(events.map(({ kind }) => kind)).toEqual([
      'service_account.added',
      'service_account_token.added',
      'service_account.changed',
    ]);
    for (const { detail } of events) expect(detail).toMatchObject({ by: 'admin-id' });
  });
});
