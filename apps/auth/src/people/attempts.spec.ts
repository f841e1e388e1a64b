import { Attempts } from './attempts.js';

const ADDRESS = '203.0.113.7';

function attempts(limits: { perEmail?: number; perAddress?: number } = {}): Attempts {
  return new Attempts({ perEmail: 3, perAddress: 5, ...limits });
}

describe('sign-in attempts', () => {
  it('must wait after too many failures for one e-mail, however it is spelt', async () => {
    const tries = attempts();
    for (const email of ['a@example.com', 'A@Example.com', ' a@example.com ']) {
      expect(await tries.signIn(ADDRESS, email)).toBe(0);
    }
    expect(await tries.signIn(ADDRESS, 'a@example.com')).toBeGreaterThan(0);
    expect(await tries.signIn(ADDRESS, 'b@example.com')).toBe(0);
    expect(await tries.signIn('198.51.100.9', 'a@example.com')).toBe(0);
  });

  it('must wait after too many failures from one address', async () => {
    const tries = attempts();
    for (let i = 0; i < 5; i += 1) expect(await tries.signIn(ADDRESS, `${i}@example.com`)).toBe(0);
    expect(await tries.signIn(ADDRESS, 'new@example.com')).toBeGreaterThan(0);
  });

  it('never wait if they succeed', async () => {
    const tries = attempts();
    for (let i = 0; i < 20; i += 1) {
      expect(await tries.signIn(ADDRESS, 'a@example.com')).toBe(0);
      await tries.signedIn(ADDRESS, 'a@example.com');
    }
  });

  it('count a whole IPv6 network as one address', async () => {
    const tries = attempts({ perAddress: 2 });
    await tries.signIn('2001:db8:1:2::1', '1@example.com');
    await tries.signIn('2001:db8:1:2:3:4:5:6', '2@example.com');
    expect(await tries.signIn('2001:db8:1:2::9', '3@example.com')).toBeGreaterThan(0);
    expect(await tries.signIn('2001:db8:1:3::9', '3@example.com')).toBe(0);
    expect(await tries.signIn('2001:db8::1', '4@example.com')).toBe(0);
  });
});
