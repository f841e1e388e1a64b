import { createHmac, hash } from 'node:crypto';
import { FlattenedSign } from 'jose';
import { EdgeRig, PUBLIC_URL, toolCall } from '../../test/edge-rig.js';
import { RawClient } from '../../test/raw-client.js';

const METADATA = `${PUBLIC_URL}/.well-known/oauth-protected-resource/demo/mcp/tools/server`;
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a request without a good token', () => {
  let rig: EdgeRig;
  let before: number;
  beforeAll(async () => {
    rig = await EdgeRig.start();
  });
  beforeEach(() => (before = rig.upstream.seen.length));
  afterEach(() => expect(rig.upstream.seen.length).toBe(before));
  afterAll(() => rig.stop());

  it.each(['POST', 'GET', 'HEAD', 'DELETE'])(
    '%s without a token starts discovery, before any other check',
    async (method) => {
      const answer = await fetch(`${rig.origin}/demo/mcp/tools/server`, {
        method,
        headers: { origin: 'https://evil.example' },
      });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe(
        `Bearer resource_metadata="${METADATA}", scope="mcp:read mcp:call"`,
      );
    },
  );

  it('has no discovery at the door for configured keys', async () => {
    const answer = await rig.post(toolCall(), { path: '/demo/mcp/tools/key', token: null });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  const now = Math.floor(Date.now() / 1_000);
  it.each([
    ['an expired token', { exp: now - 60, iat: now - 660 }, {}],
    ['a token of another server', { aud: `${PUBLIC_URL}/demo/mcp/keyed/server` }, {}],
    ['a token of another issuer', { iss: 'http://evil.test' }, {}],
    ['a token of another tenant', { tenant: 'other' }, {}],
    ['an id token', {}, { typ: 'JWT' }],
    ['a token without a subject', { sub: undefined }, {}],
  ])('refuses %s', async (_, claims, header) => {
    const token = await rig.token(claims, header);
    const answer = await rig.post(toolCall(), { token });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer resource_metadata="${METADATA}", scope="mcp:read mcp:call", error="invalid_token"`,
    );
  });

  it.each(['GET', 'HEAD', 'DELETE'])('refuses %s with a token of another server', async (method) => {
    const authorization = `Bearer ${await rig.token({ aud: `${PUBLIC_URL}/demo/mcp/keyed/server` })}`;
    const headers = { authorization, accept: 'text/event-stream' };
    const answer = await fetch(`${rig.origin}/demo/mcp/tools/server`, { method, headers });
    expect(answer.status).toBe(401);
  });

  it('refuses a token that lives for longer than any of ours', async () => {
    const token = await rig.token({ iat: now - 7_200, exp: now + 600 });
    expect((await rig.post(toolCall(), { token })).status).toBe(401);
  });

  it.each(['', 'Bearer', 'Basic YWRhOmFkYQ==', 'bearer x'])(
    'refuses the header "%s"',
    async (authorization) => {
      const answer = await rig.post(toolCall(), { token: null, headers: { authorization } });
      expect(answer.status).toBe(401);
    },
  );

  it.each(['Bearer a b', 'Bearer a, Bearer b', 'Bearer a,b'])(
    'refuses two tokens in one header: "%s"',
    async (authorization) => {
      const answer = await rig.post(toolCall(), { token: null, headers: { authorization } });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([400, null]);
    },
  );

  it('refuses two Authorization headers, of which Node would keep the first', async () => {
    const token = await rig.token();
    const client = await RawClient.open(rig.port);
    client.send([
      'POST /demo/mcp/tools/server HTTP/1.1',
      'Host: gate.test',
      `Authorization: Bearer ${token}`,
      'Authorization: Bearer other',
      'Content-Length: 0',
    ]);
    expect((await client.answer()).status).toBe(400);
    client.close();
  });

  it('refuses a personal access token that nobody knows, or of another tenant', async () => {
    const [unknown, foreign] = ['gatehouse_pat_unknown', 'gatehouse_pat_foreign'];
    rig.opaque.set(hash('sha256', foreign, 'base64url'), { subject: 'eve', tenant: 'other' });
    for (const token of [unknown, foreign]) expect((await rig.post(toolCall(), { token })).status).toBe(401);
  });

  /** Signed as ours is, with the payload not encoded (RFC 7797): the text of an encoded one, so that a header can carry it. */
  const unencoded = async () => {
    const [, payload = ''] = (await rig.token()).split('.');
    const header = { alg: 'ES256', kid: 'key-1', typ: 'at+jwt', b64: false, crit: ['b64'] };
    const jws = await new FlattenedSign(Buffer.from(payload)).setProtectedHeader(header).sign(rig['signer']);
    return `${jws.protected}.${payload}.${jws.signature}`;
  };

  it.each<[string, (token: string) => string | Promise<string>]>([
    ['unsigned', (token) => `${encoded({ alg: 'none', typ: 'at+jwt' })}.${token.split('.')[1]}.`],
    ['with a kid that is a path', () => rig.token({}, { kid: '../../dev/null' })],
    ['with a kid that is SQL', () => rig.token({}, { kid: "' UNION SELECT 'key-1" })],
    ['of another type', () => rig.token({}, { typ: 'logout+jwt' })],
    ['whose payload is not encoded', unencoded],
    ['with a claim added twice', (token) => altered(token, (text) => text.replace('}', ',"sub":"admin"}'))],
    ['with bytes behind it', (token) => `${token}AAAA`],
    ['without a signature', (token) => token.split('.').slice(0, 2).join('.')],
    ['in five parts', (token) => `${token}.AAAA.AAAA`],
    ['with the signature of another', (token) => `${token.slice(0, -86)}${'A'.repeat(86)}`],
  ])('refuses a token of ours, forged: %s', async (_, forge) => {
    const answer = await rig.post(toolCall(), { token: await forge(await rig.token()) });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  const altered = (token: string, change: (payload: string) => string) => {
    const [header, payload = '', signature] = token.split('.');
    const text = change(Buffer.from(payload, 'base64url').toString());
    return `${header}.${Buffer.from(text).toString('base64url')}.${signature}`;
  };

  it('refuses a token signed with our public key as if that were a secret', async () => {
    const [, payload] = (await rig.token()).split('.');
    for (const secret of [JSON.stringify(rig.publicJwk), String(rig.publicJwk['x']), '']) {
      const signed = `${encoded({ alg: 'HS256', typ: 'at+jwt', kid: 'key-1' })}.${payload}`;
      const token = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
      expect((await rig.post(toolCall(), { token })).status).toBe(401);
    }
  });

  it('refuses what is no access token: a refresh token, a code, a registration token, an opaque one of no kind', async () => {
    const opaque = hash('sha256', 'x', 'base64url');
    for (const token of [opaque, `gatehouse_${opaque}`, `gatehouse_setup_${opaque}`])
      expect((await rig.post(toolCall(), { token })).status).toBe(401);
  });

  it.each(['access_token', 'x-tfy-api-key'])('does not read a token in the query (%s)', async (name) => {
    const path = `/demo/mcp/tools/server?${name}=${await rig.token()}`;
    expect((await rig.post(toolCall(), { token: null, path })).status).not.toBe(200);
  });
});

describe('a token in x-tfy-api-key', () => {
  let rig: EdgeRig;
  beforeAll(async () => {
    rig = await EdgeRig.start();
  });
  afterAll(() => rig.stop());

  it('is as good as in Authorization, which something else may have taken; it goes no further', async () => {
    const token = await rig.token();
    for (const authorization of [undefined, 'Basic YWRhOmFkYQ==', `Bearer ${token}`]) {
      const headers = { 'x-tfy-api-key': token, ...(authorization !== undefined && { authorization }) };
      const answer = await rig.post(toolCall(), { token: null, headers });
      expect(answer.status).toBe(200);
      const { rawHeaders } = rig.upstream.seen.at(-1)?.request ?? {};
      expect(JSON.stringify(rawHeaders)).not.toMatch(/x-tfy|authorization|eyJ/i);
    }
  });

  it('opens the door for configured keys too, and is the one which the vault is shown', async () => {
    const token = await rig.token({ aud: `${PUBLIC_URL}/demo/mcp/keyed/server` });
    const headers = { 'x-tfy-api-key': token, authorization: 'Negotiate YWJj' };
    const answer = await rig.post(toolCall(), { token: null, headers, path: '/demo/mcp/keyed/key' });
    expect(answer.status).toBe(200);
    expect(rig.leases.at(-1)).toMatchObject({ token });
  });

  it('is refused beside another token: which of them counts is nobody’s guess', async () => {
    const [token, other] = [await rig.token(), await rig.token()];
    const answer = await rig.post(toolCall(), { token, headers: { 'x-tfy-api-key': other } });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { message: 'Authorization and x-tfy-api-key carry two different tokens: send one.' },
    });
  });

  it.each(['', 'unknown', 'a b', 'Bearer x'])('is refused where it is no good: "%s"', async (key) => {
    const answer = await rig.post(toolCall(), { token: null, headers: { 'x-tfy-api-key': key } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });
});
