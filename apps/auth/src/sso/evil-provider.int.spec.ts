import { createHmac } from 'node:crypto';
import { shown } from '@gatehouse/testing';
import { exportSPKI, generateKeyPair, importJWK } from 'jose';
import type { AuthServer } from '../../test/auth-server.js';
import { EvilIdentityProvider, signed, unsigned, type Forgery } from '../../test/evil-identity-provider.js';
import { atSignIn, putProvider, startSsoAuth, through } from '../../test/sso-lab.js';

let server: AuthServer;
let evil: EvilIdentityProvider;
const now = () => Math.floor(Date.now() / 1_000);
beforeAll(async () => {
  server = await startSsoAuth();
  evil = await EvilIdentityProvider.start();
  await putProvider(server, { name: 'evil', issuer: evil.issuer, domains: ['corp.example'] });
});
beforeEach(() => {
  Object.assign(evil, { forge: signed, redirect: {}, metadata: {}, keys: [evil.publicJwk] });
});
afterAll(async () => {
  await server?.close();
  await evil?.stop();
});

const signIn = async () => shown(await through(await atSignIn(server), 'Continue with evil', ''));
const peopleCount = async () => (await server.sql('SELECT id FROM person')).length;
const refusals = () =>
  server.sql<{ detail: { reason: string; why: string } }>(
    "SELECT detail FROM security_event WHERE kind = 'sign_in.refused' ORDER BY time DESC",
  );

it('an honest token of that provider is taken', async () => {
  expect((await signIn()).html).toContain('>Approve</button>');
});

const another = await generateKeyPair('RS256');
const FORGERIES: Record<string, (honest: Forgery) => Promise<string> | string> = {
  'alg none': (honest) => unsigned(honest, { alg: 'none' }),
  'HS256 with the public key': async (honest) => {
    const key = await exportSPKI((await importJWK(honest.publicJwk, 'RS256')) as Forgery['key']);
    const input = unsigned(honest, { alg: 'HS256' }).slice(0, -1);
    return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
  },
  'HS256 with the client secret': (honest) => {
    const input = unsigned(honest, { alg: 'HS256' }).slice(0, -1);
    const mac = createHmac('sha256', 'the client secret at the provider').update(input);
    return `${input}.${mac.digest('base64url')}`;
  },
  'another audience': (honest) => signed(honest, { claims: { aud: 'another client' } }),
  'another issuer': (honest) => signed(honest, { claims: { iss: 'https://accounts.google.com' } }),
  'another nonce': (honest) => signed(honest, { claims: { nonce: 'of another sign-in' } }),
  'no nonce': (honest) => signed(honest, { claims: { nonce: undefined } }),
  expired: (honest) => signed(honest, { claims: { exp: now() - 120, iat: now() - 300 } }),
  'not valid yet': (honest) => signed(honest, { claims: { nbf: now() + 300 } }),
  'issued in the future': (honest) => signed(honest, { claims: { iat: now() + 300, exp: now() + 600 } }),
  'an unknown kid': (honest) => signed(honest, { header: { alg: 'RS256', kid: 'unknown' } }),
  'a known kid but another key': (honest) => signed(honest, { key: another.privateKey }),
  jku: (honest) => signed(honest, { header: { alg: 'RS256', kid: 'evil', jku: `${evil.issuer}/jwks` } }),
  x5u: (honest) => signed(honest, { header: { alg: 'RS256', kid: 'evil', x5u: `${evil.issuer}/x5u` } }),
  crit: async (honest) => {
    const [, payload, signature] = (await signed(honest)).split('.');
    const header = { ...honest.header, crit: ['unknown'], unknown: 1 };
    return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.${signature}`;
  },
  'no token at all': () => '',
};

describe.each(Object.entries(FORGERIES))('an ID token with %s', (_what, forge) => {
  it('signs nobody in, says what to do, and leaves a security event', async () => {
    evil.forge = forge;
    const [people, events] = [await peopleCount(), (await refusals()).length];
    const page = await signIn();
    expect(page.status).toBe(403);
    expect(page.html).toContain('cannot be trusted');
    expect(page.html).toContain('Start again');
    expect(await peopleCount()).toBe(people);
    const after = await refusals();
    expect(after).toHaveLength(events + 1);
    expect(after[0]?.detail).toMatchObject({ reason: 'untrusted' });
  });
});

describe('a person is refused', () => {
  it.each([
    ['whose address is not verified', { email_verified: false }, 'is not verified'],
    ['whose address is not verified, as text', { email_verified: 'false' }, 'is not verified'],
    ['of another Workspace domain', { hd: 'evil.example' }, 'another organisation'],
    ['of another e-mail domain', { email: 'mallory@corp.example.evil.io' }, 'another organisation'],
    ['who hides behind a comment', { email: 'mallory@evil.io(@corp.example' }, 'did not tell your e-mail'],
    ['without an address', { email: undefined }, 'did not tell your e-mail'],
    ['with two addresses', { email: ['a@corp.example', 'b@corp.example'] }, 'did not tell your e-mail'],
  ])('%s', async (_what, claims, text) => {
    evil.forge = (honest) => signed(honest, { claims: { sub: 'somebody else', ...claims } });
    const people = await peopleCount();
    const page = await signIn();
    expect([page.status, page.html]).toEqual([403, expect.stringContaining(text)]);
    expect(await peopleCount()).toBe(people);
  });
});

describe('the issuer in the answer (RFC 9207)', () => {
  it('must be the one that was asked', async () => {
    evil.redirect = { iss: 'https://honest.example' };
    expect((await signIn()).html).toContain('cannot be trusted');
  });

  it('may not be missing where the provider promises it', async () => {
    evil.metadata = { authorization_response_iss_parameter_supported: true };
    await putProvider(server, { name: 'evil2', issuer: evil.issuer });
    const page = shown(await through(await atSignIn(server), 'Continue with evil2', ''));
    expect(page.html).toContain('cannot be trusted');
  });
});

it('fetches the keys again for unknown ones once in 30 s, however often they are named', async () => {
  const fetched = () => evil.requests.filter(({ path }) => path === '/jwks').length;
  evil.forge = (honest) => signed(honest, { header: { alg: 'RS256', kid: 'rotated' } });
  await signIn();
  const before = fetched();
  for (let i = 0; i < 5; i += 1) await signIn();
  expect(fetched()).toBe(before);
});
