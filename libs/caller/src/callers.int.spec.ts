import { MemoryBroker } from '@gatehouse/bus';
import { accessEnded, authKeysChanged, Failure, type AccessEnded } from '@gatehouse/contracts';
import { jest } from '@jest/globals';
import { FakeAuth, ISSUER, RESOURCE, RESOURCE_OF_ACME } from '../test/fake-auth.js';
import { Callers } from './callers.js';

const use = { resource: RESOURCE, tenant: 'demo' };
const refused = { code: 'caller.unauthenticated' };
const now = () => Math.floor(Date.now() / 1_000);
const delivered = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('who is calling', () => {
  let broker: MemoryBroker;
  let auth: FakeAuth;
  let callers: Callers;

  beforeEach(async () => {
    broker = new MemoryBroker();
    auth = await FakeAuth.on(broker.connect('auth'));
    callers = new Callers(broker.connect('edge'), ISSUER);
  });
  afterEach(() => void jest.restoreAllMocks());

  /** The clock of everything that reads Date.now(), from here on. */
  const later = (milliseconds: number) => {
    const at = Date.now() + milliseconds;
    jest.spyOn(Date, 'now').mockImplementation(() => at);
  };
  const end = async (ended: Partial<AccessEnded>) => {
    auth.bus.publish(accessEnded, { tenant: 'demo', kind: 'subject', id: 'ada', before: now(), ...ended });
    await delivered();
  };
  const knows = async (token: string) =>
    Promise.resolve(callers.identify(token, use)).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Failure && error.code === refused.code) return false;
        throw error;
      },
    );

  describe('by an access token of ours', () => {
    it('is told with everything that the token says', async () => {
      const token = await auth.token({ gen: 4, scope: 'mcp:read mcp:call', client_name: 'Cursor' });
      expect(await callers.identify(token, use)).toEqual({
        tenant: 'demo',
        subject: { type: 'user', id: 'ada', name: 'ada@example.com' },
        teams: ['dev'],
        admin: false,
        tokenId: 'jti-1',
        grant: 'grant-1',
        client: { id: 'client-1', name: 'Cursor' },
        scopes: new Set(['mcp:read', 'mcp:call']),
        issuedAt: expect.any(Number),
        expiresAt: expect.any(Number),
        generation: 4,
      });
    });

    it('may be a service account', async () => {
      const { subject } = await callers.identify(await auth.token({ subject_type: 'service-account' }), use);
      expect(subject.type).toBe('service-account');
    });

    it('is a stranger where the token is for another resource or tenant', async () => {
      const token = await auth.token();
      await expect(
        callers.identify(token, { resource: RESOURCE.replace('tools', 'other'), tenant: 'demo' }),
      ).rejects.toMatchObject(refused);
      await expect(
        callers.identify(token, { resource: RESOURCE_OF_ACME, tenant: 'acme' }),
      ).rejects.toMatchObject(refused);
      const forged = await auth.token({ aud: RESOURCE_OF_ACME });
      await expect(
        callers.identify(forged, { resource: RESOURCE_OF_ACME, tenant: 'acme' }),
      ).rejects.toMatchObject(refused);
    });

    it('is verified once by all who ask at once, known without a wait then, and asked about anew after 60 s', async () => {
      const token = await auth.token();
      const verifying = callers.identify(token, use);
      expect(verifying).toBeInstanceOf(Promise);
      expect(callers.identify(token, use)).toBe(verifying);
      expect(callers.identify(token, use)).toBe(verifying);
      const caller = await verifying;
      expect(callers.identify(token, use)).toBe(caller);
      later(61_000);
      expect(callers.identify(token, use)).toBeInstanceOf(Promise);
    });

    it('is asked about anew when the token ends, if that is before the 60 s are over', async () => {
      const token = await auth.token({ exp: now() + 20 });
      await callers.identify(token, use);
      later(21_000);
      expect(callers.identify(token, use)).toBeInstanceOf(Promise);
    });
  });

  describe('whose access ended', () => {
    it.each<[AccessEnded['kind'], string]>([
      ['subject', 'ada'],
      ['grant', 'grant-1'],
      ['client', 'client-1'],
      ['token', 'jti-1'],
    ])('by %s is a stranger at once; a token issued later is good', async (kind, id) => {
      const token = await auth.token({ iat: now() - 100 });
      expect(await knows(token)).toBe(true);
      await end({ kind, id, tenant: 'acme', before: now() - 50 });
      expect(await knows(token)).toBe(true);
      await end({ kind, id, before: now() - 50 });
      expect(await knows(token)).toBe(false);
      expect(await knows(await auth.token({ iat: now() - 10 }))).toBe(true);
    });

    it('in an earlier generation is a stranger, whenever the token was issued; the same second’s refresh is good', async () => {
      await end({ generation: 3, before: now() });
      expect(await knows(await auth.token({ gen: 2, iat: now() + 3 }))).toBe(false);
      expect(await knows(await auth.token({ gen: 3, iat: now() }))).toBe(true);
      expect(await knows(await auth.token({ gen: 3, iat: now() - 5 }))).toBe(true);
    });

    it('has generation 0 where the token says none', async () => {
      const token = await auth.token({ gen: undefined, iat: now() + 3 });
      await end({ generation: 0 });
      expect(await knows(token)).toBe(true);
      await end({ generation: 1 });
      expect(await knows(token)).toBe(false);
    });

    it('does not come back by an older piece of news', async () => {
      await end({ generation: 3 });
      await end({ generation: 2 });
      expect(await knows(await auth.token({ gen: 2 }))).toBe(false);
    });

    it('before we listened is a stranger', async () => {
      auth.ended.push({ tenant: 'demo', kind: 'subject', id: 'ada', before: now(), generation: 1 });
      expect(await knows(await auth.token())).toBe(false);
    });

    it('while the answer was under way is not kept', async () => {
      const token = 'gatehouse_pat_1';
      auth.opaque.set(token, {});
      const release = auth.hold();
      const answer = callers.identify(token, use);
      await delivered();
      expect(auth.asked).toContain('introspect');
      auth.opaque.delete(token);
      await end({ kind: 'token', id: 'elsewhere' });
      const later = callers.identify(token, use);
      release();
      await expect(later).rejects.toMatchObject(refused);
      expect(await answer).toMatchObject({ tokenId: 'token-1' });
      expect(await knows(token)).toBe(false);
    });

    it('leaves everybody else’s verdict warm, and is told to who listens', async () => {
      const [ada, bob] = [await auth.token(), await auth.token({ sub: 'bob', gid: 'g2', jti: 'j2' })];
      const told: string[] = [];
      callers.onEnded(({ id }) => told.push(id));
      await Promise.all([callers.identify(ada, use), callers.identify(bob, use)]);
      await end({ generation: 1 });
      expect(callers.identify(bob, use)).not.toBeInstanceOf(Promise);
      expect(told).toEqual(['ada']);
    });
  });

  describe('by an opaque token', () => {
    it.each(['gatehouse_pat_1', 'gatehouse_sat_1'])(
      '%s is known to auth, of which the bus carries the hash, once',
      async (token) => {
        auth.opaque.set(token, { subject: { type: 'service-account', id: 'ci', name: 'ci' } });
        const caller = await callers.identify(token, use);
        expect(caller).toMatchObject({ subject: { id: 'ci' }, tokenId: 'token-1', scopes: null });
        expect(callers.identify(token, use)).toBe(caller);
        expect(auth.asked).toEqual(['ended', 'introspect']);
        expect(auth.heard).not.toContain(token);
      },
    );

    it('of another tenant, unknown, or past its end is a stranger', async () => {
      auth.opaque.set('gatehouse_pat_acme', { tenant: 'acme' });
      auth.opaque.set('gatehouse_pat_old', { expires: new Date(Date.now() - 1).toISOString() });
      for (const token of ['gatehouse_pat_acme', 'gatehouse_pat_none', 'gatehouse_pat_old'])
        expect(await knows(token)).toBe(false);
    });
  });

  describe('by a JWT of another issuer', () => {
    it('is known to auth, to which the token is sealed with the tenant that is called', async () => {
      const token = await auth.token({ iss: 'https://idp.example' });
      auth.foreign.set(token, { subject: { type: 'service-account', id: 'ci', name: 'ci' } });
      expect(await callers.identify(token, use)).toMatchObject({
        subject: { id: 'ci' },
        client: { id: 'https://idp.example' },
        scopes: null,
      });
      expect(auth.opened).toEqual([{ tenant: 'demo', token }]);
      expect(auth.heard).not.toContain(token);
    });

    it('is a stranger where auth knows no such issuer, or where no tenant is in the address', async () => {
      const token = await auth.token({ iss: 'https://idp.example' });
      expect(await knows(token)).toBe(false);
      auth.foreign.set(token, {});
      await expect(callers.identify(token, { resource: RESOURCE, tenant: null })).rejects.toMatchObject(
        refused,
      );
    });

    it('is known though auth has another key by now', async () => {
      const first = await auth.token({ iss: 'https://idp.example', jti: 'a' });
      const second = await auth.token({ iss: 'https://idp.example', jti: 'b' });
      auth.foreign.set(first, {}).set(second, {});
      await callers.identify(first, use);
      await auth.changeTransportKey();
      expect(await callers.identify(second, use)).toMatchObject({ tenant: 'demo' });
    });

    it('is asked about anew when what was said of its issuer ends', async () => {
      const token = await auth.token({ iss: 'https://idp.example' });
      auth.foreign.set(token, {});
      await callers.identify(token, use);
      auth.foreign.delete(token);
      await end({ kind: 'client', id: 'https://idp.example' });
      expect(await knows(token)).toBe(false);
    });
  });

  describe('while signing keys change', () => {
    it('is known by a token of a new key, asked for at once when a token names it', async () => {
      await callers.identify(await auth.token(), use);
      jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 11_000);
      await auth.addKey('key-2');
      expect(await knows(await auth.token({}, { kid: 'key-2' }))).toBe(true);
    });

    it('is known by a token of a new key of which auth told, whatever was asked just before', async () => {
      await callers.identify(await auth.token(), use);
      await auth.addKey('key-2');
      auth.bus.publish(authKeysChanged, {});
      await delivered();
      expect(await knows(await auth.token({}, { kid: 'key-2' }))).toBe(true);
    });

    it('is a stranger by a key that was dropped', async () => {
      const [seen, unseen] = [await auth.token(), await auth.token({ jti: 'jti-2' })];
      await callers.identify(seen, use);
      await auth.addKey('key-2');
      auth.dropKey('key-1');
      auth.bus.publish(authKeysChanged, {});
      await delivered();
      await delivered();
      expect(await knows(unseen)).toBe(false);
    });

    it('does not ask for each forged key id', async () => {
      for (let count = 0; count < 20; count++)
        expect(await knows(await auth.token({ jti: `${count}` }, { kid: `forged-${count}` }))).toBe(false);
      expect(auth.asked.filter((what) => what === 'keys')).toHaveLength(1);
    });
  });

  it('cannot be told, by our own trouble, where auth does not answer', async () => {
    const alone = new Callers(new MemoryBroker().connect('edge'), ISSUER);
    for (const token of [await auth.token(), 'gatehouse_pat_1', 'no.such.token'])
      await expect(Promise.resolve(alone.identify(token, use))).rejects.toMatchObject({
        code: 'bus.no_responder',
      });
  });
});
