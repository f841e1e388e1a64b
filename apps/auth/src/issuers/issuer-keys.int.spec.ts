import { jest } from '@jest/globals';
import { JwtIssuer } from '@gatehouse/testing';
import { startAuth, type AuthServer } from '../../test/auth-server.js';
import { addServiceAccount, AUDIENCE, registerIssuer, verifyAsEdge } from '../../test/machines.js';

let server: AuthServer;
let issuer: JwtIssuer;
beforeAll(async () => {
  server = await startAuth({ GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8' });
  await addServiceAccount(server);
});
beforeEach(async () => {
  issuer = await JwtIssuer.start();
  await registerIssuer(server, issuer);
});
afterEach(() => issuer.close());
afterAll(() => server.close());

const verify = (token: string) => verifyAsEdge(server, token);
const sign = (header = {}) => issuer.sign({ sub: 'runner', aud: AUDIENCE }, header);
const unknown = { code: 'auth.unknown_token' };
const unreachable = { code: 'auth.issuer_unreachable' };
const keyFetches = () => issuer.asked.filter((path) => path === '/keys').length;

describe("an issuer's keys", () => {
  it('are fetched once for many tokens', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => sign()));
    await Promise.all(tokens.map((token) => verify(token)));
    await verify(await sign());
    expect(keyFetches()).toBe(1);
  });

  it('are looked for again once when a token names one that is not there', async () => {
    await verify(await sign());
    for (let times = 0; times < 10; times += 1)
      await expect(verify(await sign({ kid: `k${times}` }))).rejects.toMatchObject(unknown);
    // fetched a moment ago: not again for 30 s
    expect(keyFetches()).toBe(1);
  });

  it('that are new are found after 30 seconds, and the old ones are believed no more', async () => {
    const old = await sign();
    await verify(old);
    await issuer.rotate();
    await expect(verify(await sign())).rejects.toMatchObject(unknown);
    const clock = inFuture(31_000);
    try {
      await verify(await sign());
      await expect(verify(old)).rejects.toMatchObject(unknown);
      expect(keyFetches()).toBe(2);
    } finally {
      clock.mockRestore();
    }
  });

  it('may be registered themselves, and then nothing is fetched', async () => {
    await registerIssuer(server, issuer, { jwks: { keys: [issuer.publicJwk as { kty: string }] } });
    await verify(await sign());
    expect(issuer.asked).toEqual([]);
  });

  it('are fetched from where the registration says', async () => {
    await registerIssuer(server, issuer, { jwks_uri: `${issuer.url}/keys` });
    await verify(await sign());
    expect(issuer.asked).toEqual(['/keys']);
  });

  it.each<[string, NonNullable<JwtIssuer['instead']>]>([
    ['is down', (_, response) => response.writeHead(500).end()],
    ['answers nonsense', (_, response) => response.end('<html>')],
    ['answers something else', (_, response) => response.end('{"keys":"none"}')],
    ['redirects', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['hangs up', (request) => request.socket.destroy()],
    [
      'is another issuer, although its keys would fit',
      ({ url }, response) => {
        const discovery = { issuer: 'https://x.example', jwks_uri: `${issuer.url}/keys` };
        response.end(JSON.stringify(url === '/keys' ? { keys: [issuer.publicJwk] } : discovery));
      },
    ],
    ['never ends', (_, response) => void response.write('['.repeat(2_000_000))],
  ])('cannot be had from one that %s, which is no fault of the token', async (_what, instead) => {
    issuer.instead = instead;
    await expect(verify(await sign())).rejects.toMatchObject(unreachable);
    const asked = issuer.asked.length;
    await expect(verify(await sign())).rejects.toMatchObject(unreachable);
    // not asked again by each token
    expect(issuer.asked).toHaveLength(asked);
  });

  it('are never asked for at a private address that is not opened', async () => {
    const closed = await startAuth();
    try {
      await addServiceAccount(closed);
      for (const host of [
        '127.0.0.1',
        'localhost',
        '2130706433',
        '0x7f.1',
        '[::ffff:127.0.0.1]',
        '0.0.0.0',
      ]) {
        const port = new URL(issuer.url).port;
        await registerIssuer(closed, issuer, { jwks_uri: `https://${host}:${port}/keys` });
        await expect(verifyAsEdge(closed, await sign())).rejects.toMatchObject(unreachable);
      }
      await registerIssuer(closed, issuer);
      await expect(verifyAsEdge(closed, await sign())).rejects.toMatchObject(unreachable);
      expect(issuer.connections).toBe(0);
    } finally {
      await closed.close();
    }
  });

  it('are had again soon after an outage', async () => {
    issuer.instead = (_, response) => response.writeHead(500).end();
    await expect(verify(await sign())).rejects.toMatchObject(unreachable);
    issuer.instead = null;
    const clock = inFuture(6_000);
    try {
      await verify(await sign());
    } finally {
      clock.mockRestore();
    }
  });
});

/** The clock, so many milliseconds ahead. */
function inFuture(ms: number) {
  return jest.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() + ms);
}
