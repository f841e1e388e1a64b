import { randomUUID } from 'node:crypto';
import { listServiceAccountTokens, revokeServiceAccountToken } from '@gatehouse/contracts';
import { startAuth, type AuthServer } from '../../test/auth-server.js';
import { TestAccounts, type Named } from '../../test/service-accounts.js';
import { digest } from '../opaque-secret.js';

let server: AuthServer;
let accounts: TestAccounts;
beforeAll(async () => {
  server = await startAuth({ AUTH_SERVICE_ACCOUNT_TOKEN_DAYS: '400' });
  accounts = new TestAccounts(server);
});
afterAll(() => server.close());

const unknownToken = { code: 'auth.unknown_token' };
const tokensOf = async (named: Named) =>
  (await accounts.console.request(listServiceAccountTokens, named)).items;

describe("a service account's token", () => {
  it('is one of several that work at the same time, and ends alone', async () => {
    const named = await accounts.add();
    const [first, second] = [await accounts.newToken(named), await accounts.newToken(named)];
    await accounts.console.request(revokeServiceAccountToken, { ...named, id: first.id });
    await expect(accounts.introspect(first.value)).rejects.toMatchObject(unknownToken);
    await accounts.introspect(second.value);
    await server.toldEndOf('token', first.id);
    expect((await tokensOf(named)).map(({ id }) => id)).toEqual([second.id]);
  });

  it('ends with all others of its account', async () => {
    const named = await accounts.add();
    const tokens = [await accounts.newToken(named), await accounts.newToken(named)];
    await accounts.console.request(revokeServiceAccountToken, { ...named, id: null });
    for (const { id, value } of tokens) {
      await expect(accounts.introspect(value)).rejects.toMatchObject(unknownToken);
      await server.toldEndOf('token', id);
    }
  });

  it('works beside its successor until the grace is over', async () => {
    const named = await accounts.add();
    const old = await accounts.newToken(named);
    const successor = await accounts.rotate(named, old.id, 3_600);
    expect(successor.name).toBe(old.name);
    await accounts.introspect(successor.value);
    const { expires } = await accounts.introspect(old.value);
    const left = Date.parse(expires ?? '') - Date.now();
    expect(left).toBeGreaterThan(3_500_000);
    expect(left).toBeLessThanOrEqual(3_600_000);
    await server.sql("UPDATE service_account_token SET expires = now() - interval '1 s' WHERE id = $1", [
      old.id,
    ]);
    await expect(accounts.introspect(old.value)).rejects.toMatchObject(unknownToken);
    await accounts.introspect(successor.value);
  });

  it('lives no longer by being rotated', async () => {
    const named = await accounts.add();
    const old = await accounts.newToken(named);
    await server.sql("UPDATE service_account_token SET expires = now() + interval '60 s' WHERE id = $1", [
      old.id,
    ]);
    const { expires: before } = await accounts.introspect(old.value);
    await accounts.rotate(named, old.id, 7 * 86_400);
    expect((await accounts.introspect(old.value)).expires).toBe(before);
  });

  it('ends at once on every edge where there is no grace', async () => {
    const named = await accounts.add();
    const old = await accounts.newToken(named);
    await accounts.rotate(named, old.id, 0);
    await expect(accounts.introspect(old.value)).rejects.toMatchObject(unknownToken);
    await server.toldEndOf('token', old.id);
    await expect(accounts.rotate(named, old.id, 60)).rejects.toMatchObject(unknownToken);
  });

  it('of another account is like one that does not exist', async () => {
    const [named, other] = [await accounts.add(), await accounts.add()];
    const { id, value } = await accounts.newToken(other);
    for (const strange of [id, randomUUID(), 'nonsense']) {
      await expect(accounts.rotate(named, strange, 0)).rejects.toMatchObject(unknownToken);
      await expect(
        accounts.console.request(revokeServiceAccountToken, { ...named, id: strange }),
      ).rejects.toMatchObject(unknownToken);
    }
    await accounts.introspect(value);
  });

  it('lives as long as the installation allows at most', async () => {
    const named = await accounts.add();
    await accounts.newToken(named, 400);
    await expect(accounts.newToken(named, 401)).rejects.toMatchObject({ code: 'api.invalid_request' });
  });

  it('is stored as a hash', async () => {
    const { value } = await accounts.newToken(await accounts.add());
    const [row] = await server.sql<{ all: string }>(
      'SELECT row_to_json(t)::text AS all FROM service_account_token t WHERE hash = $1',
      [digest(value)],
    );
    expect(row?.all).not.toContain(value.slice('gatehouse_sat_'.length));
  });
});
