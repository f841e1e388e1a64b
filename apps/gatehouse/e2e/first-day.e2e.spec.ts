import { OAuthClient, type ServerMetadata } from '@gatehouse/testing';
import { withPage } from './chromium.mjs';
import { gatehouse } from './command-line.js';
import { ADMIN, freePort, Installation, SHAPES, type ReadyLine } from './shape.js';

/** What a person meets on the first day, in a real browser. */
describe.each(SHAPES)('the first day, %s', (shape) => {
  let gate: Installation & ReadyLine;
  beforeAll(async () => {
    gate = await Installation.start(shape, {
      env: { GATEHOUSE_ADMIN_EMAIL: '', GATEHOUSE_ADMIN_PASSWORD: '' },
    });
  });
  afterAll(() => gate.stop());

  it('makes the first administrator by the link that was printed, once', async () => {
    const setup = gate.setup ?? '';
    expect(setup).toContain(`${gate.url}/setup?token=gatehouse_setup_`);
    await withPage(async (page) => {
      await page.goto(setup);
      await page.getByRole('textbox', { name: 'Email' }).fill(ADMIN.email);
      await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password);
      await page.getByRole('button').first().click();
      await page.waitForLoadState();
      await page.goto(setup);
      expect(await page.getByRole('button').count()).toBe(0);
    });
    const args = [
      'token',
      'create',
      '--email',
      ADMIN.email,
      '--password',
      ADMIN.password,
      '--name',
      'x',
      '--json',
    ];
    expect(await gatehouse(args, { GATEHOUSE_URL: gate.url })).toMatchObject({ code: 0 });
  });

  it('leads from the sign-in over the approval back to the client, without a fault in the console', async () => {
    const metadata = (await (
      await fetch(`${gate.url}/.well-known/oauth-authorization-server`)
    ).json()) as ServerMetadata;
    const redirect = `http://127.0.0.1:${await freePort()}/callback`;
    const registration = { redirect_uris: [redirect], client_name: 'An <b>editor</b>' };
    const client = await OAuthClient.register(metadata, { registration });
    const request = client.authorization({ resource: gate.mcp });
    const faults: string[] = [];
    await withPage(async (page) => {
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
      page.on('pageerror', (error) => faults.push(String(error)));
      await page.route(`${redirect}*`, (route) => route.fulfill({ body: 'back in the client' }));
      await page.goto(request.url.href);
      await page.getByRole('textbox', { name: 'Email' }).fill(ADMIN.email);
      await page.getByRole('textbox', { name: 'Password' }).fill('a wrong password');
      await page.getByRole('button', { name: 'Sign in' }).click();
      expect(await page.getByRole('alert').or(page.locator('.fault')).first().textContent()).toMatch(
        /password/i,
      );
      await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      const heading = page.getByRole('heading').first();
      await page.getByRole('button', { name: 'Approve' }).waitFor();
      expect(await heading.textContent()).toContain('An <b>editor</b>');
      expect(await page.locator('main').textContent()).toMatch(/127\.0\.0\.1[^]*everything/);
      expect(await page.getByRole('button', { name: 'Deny' }).count()).toBe(1);
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.waitForURL(`${redirect}*`);
      const back = new URL(page.url());
      expect(back.searchParams.get('iss')).toBe(gate.url);
      expect(await client.exchange(back, request)).toMatchObject({ token_type: 'Bearer' });
    });
    // Chromium itself says so when a page answers 4xx: the wrong password
    expect(faults.filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
  });
});
