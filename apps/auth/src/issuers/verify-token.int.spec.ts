import { createHmac } from 'node:crypto';
import { changeServiceAccount, deleteIssuer } from '@gatehouse/contracts';
import { JwtIssuer } from '@gatehouse/testing';
import { exportSPKI, generateKeyPair, importJWK, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { addPerson, startAuth, type AuthServer } from '../../test/auth-server.js';
import { addServiceAccount, AUDIENCE, registerIssuer, verifyAsEdge } from '../../test/machines.js';

let server: AuthServer;
let issuer: JwtIssuer;
beforeAll(async () => {
  server = await startAuth({ GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8' });
  await server.sql("INSERT INTO tenant (name) VALUES ('other')");
  await server.sql("INSERT INTO team (tenant, name) VALUES ('demo', 'build')");
  await addServiceAccount(server, { teams: ['build'], roles: ['admin'] });
});
beforeEach(async () => {
  issuer = await JwtIssuer.start();
  await registerIssuer(server, issuer);
});
afterEach(() => issuer.close());
afterAll(() => server.close());

const verify = (token: string, tenant = 'demo') => verifyAsEdge(server, token, tenant);
const claims = { sub: 'runner', aud: AUDIENCE };
const sign = (more: JWTPayload = {}, header = {}) => issuer.sign({ ...claims, ...more }, header);
const unknown = { code: 'auth.unknown_token' };
const now = () => Math.floor(Date.now() / 1_000);

describe('a JWT of a registered issuer', () => {
  it('is told as the service account that a rule gives it, who administers nothing by it', async () => {
    const [{ id } = { id: '' }] = await server.sql<{ id: string }>('SELECT id FROM issuer');
    const exp = now() + 300;
    expect(await verify(await sign({ jti: 'j1', exp }))).toEqual({
      tenant: 'demo',
      subject: { type: 'service-account', id: expect.any(String) as unknown, name: 'ci' },
      teams: ['build'],
      admin: false,
      roles: [],
      token: 'issuer/j1',
      expires: new Date(exp * 1_000).toISOString(),
      grant: id,
    });
  });

  it('is told as the person whom its issuer names', async () => {
    const person = await addPerson(server);
    await registerIssuer(server, issuer, { rules: [], person: { match: 'email' } });
    const token = await sign({ sub: 'x', email: person.email.toUpperCase(), email_verified: true });
    expect((await verify(token)).subject).toEqual({ type: 'user', id: person.id, name: person.email });
    await server.sql('UPDATE person SET suspended = true WHERE id = $1', [person.id]);
    await expect(verify(token)).rejects.toMatchObject(unknown);
  });

  it('is told as the person to whom SCIM gave its subject', async () => {
    const person = await addPerson(server);
    await server.sql('UPDATE person SET external_id = $2 WHERE id = $1', [person.id, `ext ${person.id}`]);
    await registerIssuer(server, issuer, { rules: [], person: { match: 'external_id' } });
    expect((await verify(await sign({ sub: `ext ${person.id}` }))).subject.id).toBe(person.id);
  });

  it('is told as the person who has signed in by its issuer', async () => {
    const person = await addPerson(server);
    const identity = ['demo', 'okta', issuer.url, '00u1', person.id];
    await server.sql(
      "INSERT INTO identity_provider (tenant, name, settings, has_client_secret) VALUES ('demo', 'okta', '{}', false)",
    );
    await server.sql(
      'INSERT INTO person_identity (tenant, provider, issuer, subject, person) VALUES ($1, $2, $3, $4, $5)',
      identity,
    );
    await registerIssuer(server, issuer, { rules: [], person: { match: 'identity' } });
    expect((await verify(await sign({ sub: '00u1' }))).subject.id).toBe(person.id);
    await expect(verify(await sign({ sub: '00u2' }))).rejects.toMatchObject(unknown);
  });

  it.each<[string, () => Promise<string>]>([
    ['for another audience', () => sign({ aud: 'https://elsewhere.example' })],
    ['for no audience', () => sign({ aud: undefined })],
    ['that has expired', () => sign({ iat: now() - 600, exp: now() - 60 })],
    ['without an end', () => sign({ exp: undefined })],
    ['that lives for two days', () => sign({ exp: now() + 2 * 86_400 })],
    [
      'that lives for two days and says nothing of its age',
      () => sign({ iat: undefined, exp: now() + 2 * 86_400 }),
    ],
    ['not yet valid', () => sign({ nbf: now() + 3_600 })],
    ['from the future', () => sign({ iat: now() + 600, exp: now() + 900 })],
    ['of nobody', () => sign({ sub: undefined })],
    ['whose claims fit no rule', () => sign({ sub: 'stranger' })],
    ['of another issuer', () => sign({ iss: 'https://elsewhere.example' })],
    ['that is a logout token', () => sign({}, { typ: 'logout+jwt' })],
    ['that is an identity assertion', () => sign({}, { typ: 'oauth-id-jag+jwt' })],
    ['that names its own keys', () => sign({}, { jku: `${issuer.url}/keys` })],
    ['that brings its own key', () => sign({}, { jwk: issuer.publicJwk })],
    ['with a header that must be understood', () => sign({}, { crit: ['extra'], extra: 1 })],
    ['of an unknown key', () => sign({}, { kid: '../../dev/null' })],
    ['of 20 kB', () => sign({ padding: 'x'.repeat(20_000) })],
    ['of three dots', () => Promise.resolve('a.b.c.d')],
    ['with something behind it', async () => `${await sign()}AA`],
  ])('%s is refused', async (_what, token) => {
    await verify(await sign());
    await expect(verify(await token())).rejects.toMatchObject(unknown);
  });

  it.each<[string, (key: CryptoKey) => Promise<string>]>([
    ['no signature', () => Promise.resolve(unsigned())],
    ['its public key as a shared secret', async (key) => hmac(await exportSPKI(key))],
    ['the key of somebody else', () => strangersToken()],
  ])('signed with %s is refused', async (_what, forge) => {
    const key = (await importJWK(issuer.publicJwk, 'RS256', { extractable: true })) as CryptoKey;
    await expect(verify(await forge(key))).rejects.toMatchObject(unknown);
  });

  it('says more than that to nobody whose signature is not good', async () => {
    const messages: unknown[] = [];
    for (const [token, tenant] of [
      [await strangersToken(), 'demo'],
      [await sign({ iss: 'https://nobody.example' }), 'demo'],
      [await sign(), 'other'],
      [await sign(), 'no-such-tenant'],
    ] as const)
      messages.push(await verify(token, tenant).catch((error: unknown) => (error as Error).message));
    expect(new Set(messages).size).toBe(1);
  });

  it('is good for one use only where that was registered', async () => {
    await registerIssuer(server, issuer, { uses: ['exchange'] });
    await expect(verify(await sign())).rejects.toMatchObject(unknown);
  });

  it('is good in the tenant alone that has registered its issuer', async () => {
    await addServiceAccount(server, { tenant: 'other' });
    await expect(verify(await sign(), 'other')).rejects.toMatchObject(unknown);
    await registerIssuer(server, issuer, { tenant: 'other' });
    expect(await verify(await sign(), 'other')).toMatchObject({ tenant: 'other' });
  });

  it('ends with the registration of its issuer, on every edge', async () => {
    const token = await sign();
    const { grant } = await verify(token);
    await server.connect('console').request(deleteIssuer, { tenant: 'demo', name: 'issuer', by: 'admin-id' });
    await expect(verify(token)).rejects.toMatchObject(unknown);
    expect(await server.toldEndOf('grant', grant)).toMatchObject({ tenant: 'demo' });
  });

  it('is nobody’s while its service account is suspended', async () => {
    const change = (suspended: boolean) =>
      server.connect('console').request(changeServiceAccount, {
        ...{ tenant: 'demo', name: 'ci', by: 'admin-id', changes: { suspended } },
      });
    await change(true);
    await expect(verify(await sign())).rejects.toMatchObject(unknown);
    await change(false);
    await verify(await sign());
  });

  it('that is refused although its signature is good leaves one security event a minute', async () => {
    for (let times = 0; times < 3; times += 1)
      await expect(verify(await sign({ sub: `s ${issuer.url}` }))).rejects.toMatchObject(unknown);
    await expect(verify(await strangersToken())).rejects.toMatchObject(unknown);
    const events = await server.sql<{ detail: object }>(
      "SELECT detail FROM security_event WHERE kind = 'jwt.refused' AND detail->>'sub' = $1",
      [`s ${issuer.url}`],
    );
    expect(events).toEqual([
      { detail: { issuer: 'issuer', sub: `s ${issuer.url}`, reason: 'no rule fits its claims' } },
    ]);
  });
});

function unsigned(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part({ iss: issuer.url, ...claims, exp: now() + 300 })}.`;
}

/** CVE-2015-9235: the public key, which everybody has, taken for a shared secret. */
function hmac(publicKey: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = part({ alg: 'HS256', typ: 'JWT', kid: issuer.publicJwk.kid });
  const signed = `${head}.${part({ iss: issuer.url, ...claims, exp: now() + 300 })}`;
  return `${signed}.${createHmac('sha256', publicKey).update(signed).digest('base64url')}`;
}

async function strangersToken(): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256');
  return new SignJWT({ iss: issuer.url, ...claims, exp: now() + 300 })
    .setProtectedHeader({ alg: 'RS256', kid: issuer.publicJwk.kid ?? '' })
    .sign(privateKey);
}
