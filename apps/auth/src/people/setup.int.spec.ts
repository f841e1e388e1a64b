import { Browser, shown, signInHeadless } from '@gatehouse/testing';
import { startAuth, type AuthServer } from '../../test/auth-server.js';

const NO_ADMIN = { GATEHOUSE_ADMIN_EMAIL: '', GATEHOUSE_ADMIN_PASSWORD: '' };

describe('a new installation', () => {
  let server: AuthServer;
  beforeEach(async () => {
    server = await startAuth({ ...NO_ADMIN, GATEHOUSE_TENANT: 'acme' });
  });
  afterEach(() => server.close());

  const setupLink = () => server.running.notes?.['setup'] ?? '';

  it('gets its first administrator by a link that works once', async () => {
    const browser = new Browser();
    expect(setupLink()).toMatch(/\/setup\?token=gatehouse_setup_[\w-]{43}$/);
    const page = shown(await browser.open(setupLink()));
    const Email = 'First@Example.com';
    const short = await browser.press(page, 'Make administrator', {
      values: { Email, Password: 'too short' },
    });
    expect(shown(short).status).toBe(422);
    const password = 'long enough now';
    const done = await browser.press(shown(short), 'Make administrator', {
      values: { Email, Password: password },
    });
    expect(shown(done).status).toBe(200);
    const second = await browser.press(page, 'Make administrator', {
      values: { Email: 'b@x.io', Password: password },
    });
    expect(shown(second).status).toBe(404);
    expect(shown(await browser.open(setupLink())).status).toBe(404);
    const resource = server.resource('everything', 'acme');
    const signIn = { resource, metadata: server.metadata, email: 'first@example.com', password };
    await expect(signInHeadless(signIn)).resolves.toBeDefined();
  });

  it('gets one administrator, however many use the link at the same time', async () => {
    const page = shown(await new Browser().open(setupLink()));
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, i) => {
        const values = { Email: `${i}@example.com`, Password: 'long enough now' };
        return new Browser().press(page, 'Make administrator', { values });
      }),
    );
    expect(answers.map((answer) => shown(answer).status).sort()).toEqual([200, 404, 404, 404, 404]);
  });

  it('does not take a link that is a day old', async () => {
    await server.sql("UPDATE setup_link SET expires = now() - interval '1 s'");
    expect(shown(await new Browser().open(setupLink())).status).toBe(404);
  });
});

it('an administrator who is configured needs no link', async () => {
  const server = await startAuth();
  expect(server.running.notes).toEqual({});
  await server.close();
});
