import { randomUUID } from 'node:crypto';
import { TransportKey } from '@gatehouse/bus';
import {
  addTeam,
  changeServiceAccount,
  createServiceAccount,
  createServiceAccountToken,
  deleteServiceAccount,
  introspectToken,
  listEndedAccess,
  listServiceAccounts,
  listServiceAccountTokens,
  NewTokenSecret,
  removeTeam,
  revokeServiceAccountToken,
  rotateServiceAccountToken,
  showServiceAccount,
  type ServiceAccountSettings,
} from '@gatehouse/contracts';
import { startAuth, type AuthServer } from '../../test/auth-server.js';
import { digest } from '../opaque-secret.js';

let server: AuthServer;
beforeAll(async () => {
  server = await startAuth({ AUTH_SERVICE_ACCOUNT_TOKEN_DAYS: '400' });
  await server.sql("INSERT INTO tenant (name) VALUES ('other')");
  await server.sql(
    "INSERT INTO team (tenant, name) VALUES ('demo', 'build'), ('demo', 'ops'), ('other', 'theirs')",
  );
});
afterAll(() => server.close());

const plain: ServiceAccountSettings = { description: '', teams: [], roles: [], suspended: false };
const asConsole = () => server.connect('console');
const introspect = (token: string) =>
  server.connect('edge').request(introspectToken, { hash: digest(token) });
const unknownToken = { code: 'auth.unknown_token' };
const unknownAccount = { code: 'auth.unknown_service_account' };

async function newAccount(settings: Partial<ServiceAccountSettings> = {}, tenant = 'demo') {
  const named = { tenant, name: `ci-${randomUUID().slice(0, 8)}`, by: 'admin-id' };
  await asConsole().request(createServiceAccount, { ...named, settings: { ...plain, ...settings } });
  return named;
}
type Named = Awaited<ReturnType<typeof newAccount>>;

async function newToken(named: Named, expiresInDays = 90) {
  const key = await TransportKey.create();
  const asked = { ...named, token: 'runner', expiresInDays, recipient: key.publicJwk };
  const { token, sealed } = await asConsole().request(createServiceAccountToken, asked);
  return { ...token, value: (await key.open(sealed, NewTokenSecret)).token };
}

async function rotate(named: Named, id: string, graceSeconds: number) {
  const key = await TransportKey.create();
  const asked = { ...named, id, graceSeconds, recipient: key.publicJwk };
  const { token, sealed } = await asConsole().request(rotateServiceAccountToken, asked);
  return { ...token, value: (await key.open(sealed, NewTokenSecret)).token };
}

const change = (named: Named, changes: Partial<ServiceAccountSettings>) =>
  asConsole().request(changeServiceAccount, { ...named, changes });
const subjectOf = async (token: string) => (await introspect(token)).subject.id;
const tokensOf = async (named: Named) => (await asConsole().request(listServiceAccountTokens, named)).items;

describe('a service account', () => {
  it('is told by its token, with its teams and roles', async () => {
    const named = await newAccount({ teams: ['ops', 'build'], roles: ['scim'] });
    const token = await newToken(named);
    expect(token.value).toMatch(/^gatehouse_sat_[\w-]{43}$/);
    expect(await introspect(token.value)).toEqual({
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
    const named = await newAccount({ roles: ['admin'] });
    const { value } = await newToken(named);
    expect(await introspect(value)).toMatchObject({ admin: true });
    const subject = await subjectOf(value);
    await change(named, { roles: [] });
    expect(await introspect(value)).toMatchObject({ admin: false });
    expect(await server.toldEndOf('subject', subject)).toMatchObject({ tenant: 'demo', generation: 1 });
  });

  it('has one name in its tenant, and the same name may be used in another', async () => {
    const named = await newAccount();
    const again = { ...named, settings: plain };
    await expect(asConsole().request(createServiceAccount, again)).rejects.toMatchObject({
      code: 'auth.service_account_exists',
    });
    await asConsole().request(createServiceAccount, { ...again, tenant: 'other' });
  });

  it('is in teams that exist in its own tenant', async () => {
    const faulty = { code: 'auth.unknown_team' };
    await expect(newAccount({ teams: ['theirs'] })).rejects.toMatchObject(faulty);
    await expect(change(await newAccount(), { teams: ['nobodys'] })).rejects.toMatchObject(faulty);
  });

  it.each<[string, Partial<ServiceAccountSettings>]>([
    ['is suspended', { suspended: true }],
    ['loses a team', { teams: ['ops'] }],
    ['loses a role', { roles: [] }],
  ])('that %s loses what was issued before, on every edge', async (_what, changes) => {
    const named = await newAccount({ teams: ['ops', 'build'], roles: ['scim'] });
    const subject = await subjectOf((await newToken(named)).value);
    await change(named, changes);
    const ended = await server.toldEndOf('subject', subject);
    expect(ended).toMatchObject({ kind: 'subject', generation: 1 });
    expect((await server.connect('edge').request(listEndedAccess, {})).items).toContainEqual(ended);
  });

  it('loses what was issued before when its team is removed', async () => {
    const name = randomUUID();
    const { id } = await asConsole().request(addTeam, { tenant: 'demo', by: 'x', name });
    const { value } = await newToken(await newAccount({ teams: [name] }));
    const { subject } = await introspect(value);
    await asConsole().request(removeTeam, { tenant: 'demo', team: id, by: 'x' });
    expect(await server.toldEndOf('subject', subject.id)).toMatchObject({ generation: 1 });
    expect((await introspect(value)).teams).toEqual([]);
  });

  it('keeps what it has where nothing is taken away', async () => {
    const named = await newAccount({ teams: ['ops'] });
    const subject = await subjectOf((await newToken(named)).value);
    await change(named, { description: 'the build', teams: ['ops', 'build'], roles: ['scim'] });
    const { items } = await server.connect('edge').request(listEndedAccess, {});
    expect(items.filter(({ id }) => id === subject)).toEqual([]);
  });

  it.each<[string, (named: Named) => Promise<unknown>]>([
    ['suspended', (named) => change(named, { suspended: true })],
    ['deleted', (named) => asConsole().request(deleteServiceAccount, named)],
  ])('that is %s is known by no token', async (_what, end) => {
    const named = await newAccount();
    const { value } = await newToken(named);
    await introspect(value);
    await end(named);
    await expect(introspect(value)).rejects.toMatchObject(unknownToken);
  });

  it('that is made again under the name of one that was deleted is another', async () => {
    const named = await newAccount();
    const subject = await subjectOf((await newToken(named)).value);
    await asConsole().request(deleteServiceAccount, named);
    await server.toldEndOf('subject', subject);
    await asConsole().request(createServiceAccount, { ...named, settings: plain });
    expect(await subjectOf((await newToken(named)).value)).not.toBe(subject);
  });

  it('of another tenant is like one that does not exist, in every call', async () => {
    const theirs = { ...(await newAccount({}, 'other')), tenant: 'demo' };
    const nobodys = { ...theirs, name: 'nobody' };
    const { publicJwk: recipient } = await TransportKey.create();
    for (const named of [theirs, nobodys]) {
      const calls = [
        () => asConsole().request(showServiceAccount, named),
        () => change(named, { suspended: true }),
        () => asConsole().request(deleteServiceAccount, named),
        () => asConsole().request(listServiceAccountTokens, named),
        () => asConsole().request(createServiceAccountToken, { ...named, token: 'x', recipient }),
        () => rotate(named, randomUUID(), 0),
        () => asConsole().request(revokeServiceAccountToken, { ...named, id: randomUUID() }),
        () => asConsole().request(revokeServiceAccountToken, { ...named, id: null }),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject(unknownAccount);
    }
  });

  it('is listed by name, page by page, with its last use', async () => {
    await server.sql("DELETE FROM service_account WHERE tenant = 'other'");
    for (const name of ['a', 'b', 'c'])
      await asConsole().request(createServiceAccount, { tenant: 'other', by: 'x', name, settings: plain });
    const page = (after: string | null) =>
      asConsole().request(listServiceAccounts, { tenant: 'other', limit: 2, after });
    expect(await page(null)).toMatchObject({
      items: [{ name: 'a', lastUsed: null }, { name: 'b' }],
      next: 'b',
    });
    expect(await page('b')).toMatchObject({ items: [{ name: 'c' }], next: null });
    const { value } = await newToken({ tenant: 'other', name: 'a', by: 'x' });
    await introspect(value);
    // The note is written while nobody waits.
    for (let looks = 0; looks < 500 && (await page(null)).items[0]?.lastUsed === null; looks += 1);
    expect((await page(null)).items[0]?.lastUsed).not.toBeNull();
  });

  it('leaves a security event at each change, that says who made it', async () => {
    const named = await newAccount();
    await newToken(named);
    await change(named, { suspended: true });
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

describe("a service account's token", () => {
  it('is one of several that work at the same time, and ends alone', async () => {
    const named = await newAccount();
    const [first, second] = [await newToken(named), await newToken(named)];
    await asConsole().request(revokeServiceAccountToken, { ...named, id: first.id });
    await expect(introspect(first.value)).rejects.toMatchObject(unknownToken);
    await introspect(second.value);
    await server.toldEndOf('token', first.id);
    expect((await tokensOf(named)).map(({ id }) => id)).toEqual([second.id]);
  });

  it('ends with all others of its account', async () => {
    const named = await newAccount();
    const tokens = [await newToken(named), await newToken(named)];
    await asConsole().request(revokeServiceAccountToken, { ...named, id: null });
    for (const { id, value } of tokens) {
      await expect(introspect(value)).rejects.toMatchObject(unknownToken);
      await server.toldEndOf('token', id);
    }
  });

  it('works beside its successor until the grace is over', async () => {
    const named = await newAccount();
    const old = await newToken(named);
    const successor = await rotate(named, old.id, 3_600);
    expect(successor.name).toBe(old.name);
    await introspect(successor.value);
    const { expires } = await introspect(old.value);
    const left = Date.parse(expires ?? '') - Date.now();
    expect(left).toBeGreaterThan(3_500_000);
    expect(left).toBeLessThanOrEqual(3_600_000);
    await server.sql("UPDATE service_account_token SET expires = now() - interval '1 s' WHERE id = $1", [
      old.id,
    ]);
    await expect(introspect(old.value)).rejects.toMatchObject(unknownToken);
    await introspect(successor.value);
  });

  it('lives no longer by being rotated', async () => {
    const named = await newAccount();
    const old = await newToken(named);
    await server.sql("UPDATE service_account_token SET expires = now() + interval '60 s' WHERE id = $1", [
      old.id,
    ]);
    const { expires: before } = await introspect(old.value);
    await rotate(named, old.id, 7 * 86_400);
    expect((await introspect(old.value)).expires).toBe(before);
  });

  it('ends at once on every edge where there is no grace', async () => {
    const named = await newAccount();
    const old = await newToken(named);
    await rotate(named, old.id, 0);
    await expect(introspect(old.value)).rejects.toMatchObject(unknownToken);
    await server.toldEndOf('token', old.id);
    await expect(rotate(named, old.id, 60)).rejects.toMatchObject(unknownToken);
  });

  it('of another account is like one that does not exist', async () => {
    const [named, other] = [await newAccount(), await newAccount()];
    const { id, value } = await newToken(other);
    for (const strange of [id, randomUUID(), 'nonsense']) {
      await expect(rotate(named, strange, 0)).rejects.toMatchObject(unknownToken);
      await expect(
        asConsole().request(revokeServiceAccountToken, { ...named, id: strange }),
      ).rejects.toMatchObject(unknownToken);
    }
    await introspect(value);
  });

  it('lives as long as the installation allows at most', async () => {
    const named = await newAccount();
    await newToken(named, 400);
    await expect(newToken(named, 401)).rejects.toMatchObject({ code: 'api.invalid_request' });
  });

  it('is stored as a hash', async () => {
    const { value } = await newToken(await newAccount());
    const [row] = await server.sql<{ all: string }>(
      'SELECT row_to_json(t)::text AS all FROM service_account_token t WHERE hash = $1',
      [digest(value)],
    );
    expect(row?.all).not.toContain(value.slice('gatehouse_sat_'.length));
  });
});
