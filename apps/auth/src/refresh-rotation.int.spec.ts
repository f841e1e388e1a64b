import { approve, Browser, OAuthClient, signInHeadless, type Tokens } from '@gatehouse/testing';
import { jest } from '@jest/globals';
import { decodeJwt } from 'jose';
import { ADMIN, startAuth, type AuthServer } from '../test/auth-server.js';

const ROUNDS = 100;

let server: AuthServer;
beforeAll(async () => {
  server = await startAuth({}, { replicas: 2 });
});
afterAll(() => server.close());
afterEach(() => void jest.restoreAllMocks());

type SignedIn = Tokens & { client: OAuthClient };

const signIn = () => signInHeadless({ resource: server.resource(), metadata: server.metadata, ...ADMIN });

/** Another installation of the same client, as with CIMD, where they share one id. */
async function signInAgain(client: OAuthClient): Promise<SignedIn> {
  const request = client.authorization({ resource: server.resource() });
  return { ...(await client.exchange(await approve(new Browser(), request, ADMIN), request)), client };
}

const refresh = ({ client }: SignedIn, refresh_token: string) =>
  client.token({ grant_type: 'refresh_token', refresh_token });

async function expectRefused(response: Promise<Response>): Promise<void> {
  expect(await (await response).json()).toMatchObject({ error: 'invalid_grant' });
}

const grantOf = ({ access_token }: Tokens) => decodeJwt(access_token)['gid'];

const eventsOf = (tokens: Tokens) =>
  server.sql("SELECT tenant, kind, subject, client FROM security_event WHERE detail->>'grant' = $1", [
    grantOf(tokens),
  ]);

/** As if so much time had gone by since a refresh token was replaced. */
const later = (interval: string) =>
  server.sql('UPDATE oidc_state SET consumed_at = consumed_at - $1::interval WHERE consumed_at IS NOT NULL', [
    interval,
  ]);

it(`two processes that share a refresh token on two replicas go on, ${ROUNDS} times in a row`, async () => {
  const signedIn = await signIn();
  let shared = signedIn.refresh_token;
  for (let round = 0; round < ROUNDS; round += 1) {
    const answers = await Promise.all([1, 2].map(() => signedIn.client.refresh(shared)));
    const [mine, other] = answers.map((answer) => answer.refresh_token) as [string, string];
    expect(mine).not.toBe(other);
    await signedIn.client.refresh(other);
    shared = mine;
  }
  expect(await eventsOf(signedIn)).toEqual([]);
}, 60_000);

it('an answer that was lost can be had again for 60 s', async () => {
  const signedIn = await signIn();
  await refresh(signedIn, signedIn.refresh_token);
  await later('58 s');
  const answer = await signedIn.client.refresh(signedIn.refresh_token);
  await expect(signedIn.client.refresh(answer.refresh_token)).resolves.toBeDefined();
});

describe('a refresh token that was replaced ends its grant', () => {
  it.each<[string, (signedIn: SignedIn, successor: string) => Promise<unknown>]>([
    ['when its successor was used', (signedIn, successor) => signedIn.client.refresh(successor)],
    ['after 60 s', () => later('61 s')],
  ])('%s: that one alone, on every edge, with a security event', async (_when, ageIt) => {
    const signedIn = await signIn();
    const other = await signInAgain(signedIn.client);
    const { refresh_token: successor } = await signedIn.client.refresh(signedIn.refresh_token);
    await ageIt(signedIn, successor);
    await expectRefused(refresh(signedIn, signedIn.refresh_token));
    await expectRefused(refresh(signedIn, successor));
    await server.toldEndOf('grant', grantOf(signedIn));
    await expect(other.client.refresh(other.refresh_token)).resolves.toBeDefined();
    expect(await eventsOf(other)).toEqual([]);
    expect(await eventsOf(signedIn)).toEqual([
      {
        tenant: 'demo',
        kind: 'refresh_token.replayed',
        subject: decodeJwt(signedIn.access_token).sub,
        client: signedIn.client.clientId,
      },
    ]);
  });

  it('once, however many use it again at the same time', async () => {
    const signedIn = await signIn();
    await signedIn.client.refresh(signedIn.refresh_token);
    await later('61 s');
    await Promise.all(
      Array.from({ length: 10 }, () => expectRefused(refresh(signedIn, signedIn.refresh_token))),
    );
    expect(await eventsOf(signedIn)).toHaveLength(1);
  });
});

describe('the clock of a replica does not matter:', () => {
  const shiftClock = (milliseconds: number) => {
    const now = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + milliseconds);
  };

  async function newCode(client: OAuthClient) {
    const request = client.authorization({ resource: server.resource() });
    const code = (await approve(new Browser(), request, ADMIN)).searchParams.get('code') ?? '';
    const { verifier, redirectUri } = request;
    return { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri };
  }

  it.each([-90_000, 90_000])('a code from another is good if it is %d ms ahead', async (milliseconds) => {
    const client = await OAuthClient.register(server.metadata);
    const form = await newCode(client);
    shiftClock(milliseconds);
    expect((await client.token(form)).status).toBe(200);
  });

  it('a code is not good for longer because the clock was set back an hour', async () => {
    const client = await OAuthClient.register(server.metadata);
    const form = await newCode(client);
    shiftClock(-3_600_000);
    await server.sql("UPDATE oidc_state SET expires_at = expires_at - interval '61 s'");
    await expectRefused(client.token(form));
  });

  it("a code is worth nothing when the database's clock was set back", async () => {
    const client = await OAuthClient.register(server.metadata);
    const form = await newCode(client);
    await server.sql("UPDATE oidc_state SET expires_at = expires_at + interval '1 h'");
    await expectRefused(client.token(form));
  });

  it('a replaced refresh token has its minute', async () => {
    const signedIn = await signIn();
    await refresh(signedIn, signedIn.refresh_token);
    shiftClock(90_000);
    await expect(signedIn.client.refresh(signedIn.refresh_token)).resolves.toBeDefined();
  });
});

describe("another client's refresh token", () => {
  it('is worth nothing, cannot be revoked, and lives on', async () => {
    const signedIn = await signIn();
    const thief = await OAuthClient.register(server.metadata);
    await expectRefused(refresh({ ...signedIn, client: thief }, signedIn.refresh_token));
    const revoked = await thief.revoke(signedIn.refresh_token);
    expect([revoked.status, await revoked.text()]).toEqual([200, '']);
    while ((await eventsOf(signedIn)).length === 0); // written while nobody waits
    const subject = decodeJwt(signedIn.access_token).sub;
    expect(await eventsOf(signedIn)).toEqual([
      { tenant: 'demo', kind: 'refresh_token.misused', subject, client: thief.clientId },
    ]);
    await expect(signedIn.client.refresh(signedIn.refresh_token)).resolves.toBeDefined();
  });

  it('is not spoiled by a confidential client without its secret', async () => {
    const signedIn = await signIn();
    const token_endpoint_auth_method = 'client_secret_post';
    const thief = await OAuthClient.register(server.metadata, {
      registration: { token_endpoint_auth_method },
    });
    const { refresh_token } = signedIn;
    const response = await thief.token({
      grant_type: 'refresh_token',
      refresh_token,
      client_secret: 'wrong',
    });
    expect(await response.json()).toMatchObject({ error: 'invalid_client' });
    await expect(signedIn.client.refresh(refresh_token)).resolves.toBeDefined();
  });
});

it('an access token that a client revokes leaves its refresh token alive', async () => {
  const signedIn = await signIn();
  expect((await signedIn.client.revoke(signedIn.access_token)).status).toBe(200);
  await server.toldEndOf('token', decodeJwt(signedIn.access_token).jti);
  await expect(signedIn.client.refresh(signedIn.refresh_token)).resolves.toBeDefined();
});
