import { listEndedAccess } from '@gatehouse/contracts';
import { approve, Browser, OAuthClient, signInHeadless, type AuthorizationRequest } from '@gatehouse/testing';
import { decodeJwt } from 'jose';
import { ADMIN, startAuth, type AuthServer } from '../test/auth-server.js';

let server: AuthServer;
let client: OAuthClient;
beforeAll(async () => {
  server = await startAuth();
  client = await OAuthClient.register(server.metadata);
});
afterAll(() => server.close());

const signIn = () => signInHeadless({ resource: server.resource(), metadata: server.metadata, ...ADMIN });

async function error(response: Response): Promise<unknown> {
  expect(response.headers.get('cache-control')).toContain('no-store');
  return ((await response.json()) as { error?: unknown }).error;
}

/** A code, and the token request that it is good for. */
async function newCode(
  from = client,
): Promise<{ request: AuthorizationRequest; form: Record<string, string> }> {
  const request = from.authorization({ resource: server.resource() });
  const code = (await approve(new Browser(), request, ADMIN)).searchParams.get('code') ?? '';
  const { verifier, redirectUri } = request;
  const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri };
  return { request, form };
}

const toldEndOf = (accessToken: string) => server.toldEndOf('grant', decodeJwt(accessToken)['gid']);

describe('a code', () => {
  it('is good once: the second time ends all that came of it, on every edge', async () => {
    const { form } = await newCode();
    const tokens = (await (await client.token(form)).json()) as {
      access_token: string;
      refresh_token: string;
    };
    expect(await error(await client.token(form))).toBe('invalid_grant');
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    expect(await error(await client.token(refresh))).toBe('invalid_grant');
    await toldEndOf(tokens.access_token);
  });

  it('is good once, however many ask at the same time', async () => {
    const { form } = await newCode();
    const responses = await Promise.all(Array.from({ length: 50 }, () => client.token(form)));
    const won = responses.filter(({ status }) => status === 200);
    expect(won.length).toBeLessThanOrEqual(1);
    for (const response of won) {
      const { refresh_token } = (await response.json()) as { refresh_token: string };
      const refresh = await client.token({ grant_type: 'refresh_token', refresh_token });
      expect(await error(refresh)).toBe('invalid_grant');
    }
  });

  it('is worth nothing after 61 seconds', async () => {
    const { form } = await newCode();
    await server.sql("UPDATE oidc_state SET expires_at = expires_at - interval '61 s'");
    expect(await error(await client.token(form))).toBe('invalid_grant');
  });

  it.each([
    ['another redirect_uri', { redirect_uri: 'http://127.0.0.1:1/callback' }, 'invalid_grant'],
    ['no redirect_uri', { redirect_uri: '' }, 'invalid_request'],
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
    ['no verifier', { code_verifier: '' }, 'invalid_grant'],
    ['the resource of another server', { resource: 'http://127.0.0.1:1/x/mcp/y/server' }, 'invalid_target'],
  ])('asked for with %s is refused', async (_what, wrong, expected) => {
    const { form } = await newCode();
    expect(await error(await client.token({ ...form, ...wrong }))).toBe(expected);
    if (expected !== 'invalid_target') expect((await client.token(form)).status).toBe(200);
  });

  it('of one client is worth nothing to another', async () => {
    const { form } = await newCode();
    const thief = await OAuthClient.register(server.metadata);
    expect(await error(await thief.token(form))).toBe('invalid_grant');
    expect((await client.token(form)).status).toBe(200);
  });
});

describe('a refresh token', () => {
  it('still works when the answer was lost', async () => {
    const { client, refresh_token } = await signIn();
    const lost = await client.refresh(refresh_token);
    const second = await client.refresh(refresh_token);
    expect(second.refresh_token).not.toBe(lost.refresh_token);
    await expect(client.refresh(second.refresh_token)).resolves.toBeDefined();
  });

  it('still works for several processes at once, that go on with what each of them got', async () => {
    const { client, refresh_token } = await signIn();
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.refresh(refresh_token)));
    expect(new Set(answers.map((answer) => answer.refresh_token)).size).toBe(5);
    for (const answer of answers) await expect(client.refresh(answer.refresh_token)).resolves.toBeDefined();
  });

  it('used again after its successor was used ends that grant alone, on every edge', async () => {
    const [mine, other] = [await signIn(), await signIn()];
    const second = await mine.client.refresh(mine.refresh_token);
    const third = await mine.client.refresh(second.refresh_token);
    const replay = { grant_type: 'refresh_token', refresh_token: mine.refresh_token };
    expect(await error(await mine.client.token(replay))).toBe('invalid_grant');
    await toldEndOf(mine.access_token);
    const family = { grant_type: 'refresh_token', refresh_token: third.refresh_token };
    expect(await error(await mine.client.token(family))).toBe('invalid_grant');
    await expect(other.client.refresh(other.refresh_token)).resolves.toBeDefined();
  });

  it('used again after a minute ends the grant', async () => {
    const { client, refresh_token } = await signIn();
    const second = await client.refresh(refresh_token);
    await server.sql("UPDATE oidc_state SET consumed_at = consumed_at - interval '61 s'");
    expect(await error(await client.token({ grant_type: 'refresh_token', refresh_token }))).toBe(
      'invalid_grant',
    );
    const family = { grant_type: 'refresh_token', refresh_token: second.refresh_token };
    expect(await error(await client.token(family))).toBe('invalid_grant');
  });

  it('is worth nothing to another client, and lives on', async () => {
    const { client, refresh_token } = await signIn();
    const thief = await OAuthClient.register(server.metadata);
    const refresh = { grant_type: 'refresh_token', refresh_token };
    expect(await error(await thief.token(refresh))).toBe('invalid_grant');
    expect((await thief.revoke(refresh_token)).status).toBe(200);
    await expect(client.refresh(refresh_token)).resolves.toBeDefined();
  });

  it('cannot be turned into a token for another server', async () => {
    const { client, refresh_token } = await signIn();
    const resource = server.resource('other');
    const refresh = { grant_type: 'refresh_token', refresh_token, resource };
    expect(await error(await client.token(refresh))).toBe('invalid_target');
  });

  it('that is revoked takes its access tokens along, on every edge and for those that start later', async () => {
    const { client, refresh_token, access_token } = await signIn();
    expect((await client.revoke(refresh_token)).status).toBe(200);
    await toldEndOf(access_token);
    const { items } = await server.connect('edge').request(listEndedAccess, {});
    const { gid, iat } = decodeJwt(access_token);
    expect(items).toContainEqual({
      tenant: 'demo',
      kind: 'grant',
      id: gid,
      before: expect.any(Number) as unknown,
    });
    expect(items.find(({ id }) => id === gid)?.before).toBeGreaterThanOrEqual(iat ?? Infinity);
  });
});

describe('a token request', () => {
  it.each(['client_id', 'code', 'code_verifier', 'redirect_uri', 'grant_type'])(
    'with %s twice is refused, and the code stays good',
    async (name) => {
      const { form } = await newCode();
      const once = new URLSearchParams({ client_id: client.clientId, resource: server.resource(), ...form });
      const body = new URLSearchParams(once);
      body.append(name, once.get(name) ?? '');
      const response = await fetch(server.metadata.token_endpoint, { method: 'POST', body });
      expect(response.status).toBe(400);
      expect(await error(response)).toBe('invalid_request');
      expect((await client.token(form)).status).toBe(200);
    },
  );
});

describe('a client', () => {
  it('that nobody knows is told so, and registers anew', async () => {
    const response = await fetch(server.metadata.token_endpoint, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'nobody', grant_type: 'refresh_token', refresh_token: 'x' }),
    });
    expect(response.status).toBe(401);
    expect(await error(response)).toBe('invalid_client');
  });

  it('lives for 90 days after its last use, and for one if it was never used', async () => {
    const state = async (fresh: OAuthClient) => {
      const refresh = { grant_type: 'refresh_token', refresh_token: 'x' };
      return error(await fresh.token(refresh));
    };
    const age = (column: string, days: number, { clientId }: OAuthClient) =>
      server.sql(`UPDATE client SET ${column} = now() - $1 * interval '1 day' WHERE id = $2`, [
        days,
        clientId,
      ]);
    const [unused, used] = [
      await OAuthClient.register(server.metadata),
      await OAuthClient.register(server.metadata),
    ];
    const { form } = await newCode(used);
    expect((await used.token(form)).status).toBe(200);
    await age('created', 0.99, unused);
    await age('created', 100, used);
    await age('last_used', 89.9, used);
    expect([await state(unused), await state(used)]).toEqual(['invalid_grant', 'invalid_grant']);
    await age('created', 1, unused);
    await age('last_used', 90, used);
    expect([await state(unused), await state(used)]).toEqual(['invalid_client', 'invalid_client']);
  });
});
