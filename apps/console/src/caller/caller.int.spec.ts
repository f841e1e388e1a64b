import { connect } from 'node:net';
import { accessEnded, type AccessEnded } from '@gatehouse/contracts';
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { AUDIENCE, METADATA, PUBLIC_URL, Rig } from '../../test/rig.js';

const ME = '/api/v1/me';
const now = () => Math.floor(Date.now() / 1_000);

describe('who is calling', () => {
  let rig: Rig;
  beforeEach(async () => void (rig = await new Rig().start()));
  afterEach(() => rig.stop());

  const refused = async (token: string | null) => {
    const { status, headers, body } = await rig.call('GET', ME, { token });
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain(`Bearer resource_metadata="${METADATA}"`);
    return body;
  };

  it('is known by an access token for this API', async () => {
    const { status, body } = await rig.call('GET', ME);
    expect(status).toBe(200);
    expect(body).toEqual({
      tenant: 'demo',
      subject: { type: 'user', id: 'p1', name: 'jane@x.test' },
      teams: ['dev'],
      admin: true,
    });
  });

  it('is asked to sign in without a token, and told where', async () => {
    expect(await refused(null)).toMatchObject({ status: 401, code: 'caller.unauthenticated' });
    const { status, body } = await rig.call('GET', new URL(METADATA).pathname, { token: null });
    expect(status).toBe(200);
    expect(body).toEqual({
      resource: AUDIENCE,
      authorization_servers: [PUBLIC_URL],
      scopes_supported: ['api'],
      bearer_methods_supported: ['header'],
    });
  });

  it.each([
    ['for an MCP server', { aud: `${PUBLIC_URL}/demo/mcp/everything/server` }, {}],
    ['of another issuer', { iss: 'http://evil.test' }, {}],
    ['that has expired', { iat: now() - 700, exp: now() - 100 }, {}],
    ['that never expires', { exp: undefined }, {}],
    ['issued longer ago than any of ours', { iat: now() - 4_000 }, {}],
    ['that is an ID token', {}, { typ: 'JWT' }],
    ['without a subject', { sub: undefined }, {}],
    ['whose admin is no boolean', { admin: 'true' }, {}],
    ['of an unknown key', {}, { kid: 'k2' }],
  ])('is not known by a token %s', async (_, claims, header) => {
    await refused(await rig.jwt(claims, header));
  });

  it('is not known by a token that is unsigned, or signed by another key or with the public key', async () => {
    const claims = { sub: 'p1', name: 'a', tenant: 'demo', teams: [], admin: true, scope: 'api', jti: 'x' };
    const unsigned = new UnsecuredJWT(claims).setIssuer(PUBLIC_URL).setAudience(AUDIENCE);
    await refused(unsigned.setIssuedAt().setExpirationTime('5m').encode());
    const forged = () =>
      new SignJWT(claims).setIssuer(PUBLIC_URL).setAudience(AUDIENCE).setIssuedAt().setExpirationTime('5m');
    const { privateKey } = await generateKeyPair('ES256');
    await refused(
      await forged().setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' }).sign(privateKey),
    );
    const secret = new TextEncoder().encode(await rig.publicKeyText());
    await refused(await forged().setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' }).sign(secret));
  });

  it('needs the scope of this API', async () => {
    const { status, headers, body } = await rig.call('GET', ME, {
      token: await rig.jwt({ scope: 'mcp:call' }),
    });
    expect([status, body['code']]).toEqual([403, 'caller.insufficient_scope']);
    expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  });

  it.each<[AccessEnded['kind'], string]>([
    ['subject', 'p1'],
    ['grant', 'grant1'],
    ['client', 'client1'],
    ['token', 'jti1'],
  ])('is unknown at once when access ends by %s, and known by a newer token', async (kind, id) => {
    const token = await rig.jwt({ jti: 'jti1', iat: now() - 100 });
    const end = async (tenant: string) => {
      rig.auth.publish(accessEnded, { tenant, kind, id, before: now() - 50 });
      await new Promise(setImmediate);
    };
    await end('other');
    expect((await rig.call('GET', ME, { token })).status).toBe(200);
    await end('demo');
    await refused(token);
    const newer = await rig.jwt({ jti: 'jti1', iat: now() - 10 });
    expect((await rig.call('GET', ME, { token: newer })).status).toBe(200);
    const ids = { sub: 'p3', gid: 'grant3', client_id: 'client3', jti: 'jti3', iat: now() - 100 };
    expect((await rig.call('GET', ME, { token: await rig.jwt(ids) })).status).toBe(200);
  });

  it('is unknown by a token whose access ended before this service started', async () => {
    rig.ended.push({ tenant: 'demo', kind: 'grant', id: 'grant1', before: now() + 60 });
    await refused(await rig.jwt());
    expect((await rig.call('GET', ME, { token: await rig.jwt({ gid: 'grant2' }) })).status).toBe(200);
  });

  it('is known by a personal access token, of which the bus carries a hash, once', async () => {
    rig.personalAccessTokens.set('gatehouse_pat_good', { admin: false });
    for (const _ of [1, 2]) {
      const { status, body } = await rig.call('GET', ME, { token: 'gatehouse_pat_good' });
      expect([status, body['admin']]).toEqual([200, false]);
    }
    expect(rig.asked).toEqual([
      { subject: 'introspect', body: { hash: expect.not.stringContaining('good') } },
    ]);
  });

  it('is unknown at once when a personal access token is revoked', async () => {
    rig.personalAccessTokens.set('gatehouse_pat_good', { admin: false });
    expect((await rig.call('GET', ME, { token: 'gatehouse_pat_good' })).status).toBe(200);
    rig.personalAccessTokens.clear();
    rig.auth.publish(accessEnded, { tenant: 'demo', kind: 'token', id: 't1', before: now() });
    await new Promise(setImmediate);
    expect(await refused('gatehouse_pat_good')).toMatchObject({ code: 'caller.unauthenticated' });
  });

  it.each(['Bearer', 'Basic YTpi', 'Bearer x', 'bearer x', 'Bearer ü'])(
    'is not known by %j',
    async (value) => {
      const authorization = Buffer.from(value).toString('latin1');
      const { status } = await rig.call('GET', ME, { token: null, headers: { authorization } });
      expect(status).toBe(401);
    },
  );

  it('is not read from the query', async () => {
    const { status } = await rig.call('GET', `${ME}?access_token=${await rig.jwt()}`, { token: null });
    expect(status).toBe(401);
  });

  it('may not send two tokens, in one header or in two', async () => {
    const token = await rig.jwt();
    const twice = { token: null, headers: { authorization: `Bearer ${token}, Bearer ${token}` } };
    expect((await rig.call('GET', ME, twice)).status).toBe(400);
    const header = `Authorization: Bearer ${token}\r\n`;
    expect(
      await raw(rig.port, `GET ${ME} HTTP/1.1\r\nHost: x\r\n${header}Connection: close\r\n\r\n`),
    ).toMatch(/^HTTP\/1.1 200/);
    expect(
      await raw(rig.port, `GET ${ME} HTTP/1.1\r\nHost: x\r\n${header}${header}Connection: close\r\n\r\n`),
    ).toMatch(/^HTTP\/1.1 400/);
  });
});

describe('while who is calling cannot be found out', () => {
  let rig: Rig;
  afterEach(() => rig.stop());

  it('answers 503 with Retry-After, never 401: the auth service is down', async () => {
    rig = await new Rig().start({ auth: false });
    for (const token of [await rig.jwt(), 'gatehouse_pat_good']) {
      const { status, headers, body } = await rig.call('GET', ME, { token });
      expect([status, body['code']]).toEqual([503, 'bus.no_responder']);
      expect([headers.get('retry-after'), headers.get('www-authenticate')]).toEqual(['5', null]);
    }
  });

  it('answers 503, never from memory: the bus is lost', async () => {
    rig = await new Rig().start();
    const token = await rig.jwt();
    expect((await rig.call('GET', ME, { token })).status).toBe(200);
    await rig.bus.drain();
    const { status, body } = await rig.call('GET', ME, { token });
    expect([status, body['code']]).toEqual([503, 'bus.unavailable']);
  });
});

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.once('end', () => resolve(answer)).once('error', reject);
  });
}
