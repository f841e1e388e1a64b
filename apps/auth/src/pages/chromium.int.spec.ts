import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuthClient } from '@gatehouse/testing';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ADMIN, startAuth, type AuthServer } from '../../test/auth-server.js';

const CHROMIUM = {
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
};

let server: AuthServer;
let browser: Browser;
/** The client's loopback listener, and whoever frames our pages. */
let elsewhere: Server;
let framed = '';
beforeAll(async () => {
  server = await startAuth();
  browser = await chromium.launch(CHROMIUM);
  elsewhere = createServer((request, response) => {
    const frame = request.url === '/frame' ? `<iframe src="${framed}"></iframe>` : '';
    response.setHeader('content-type', 'text/html').end(`<h1>Signed in</h1>${frame}`);
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
}, 30_000);
afterAll(async () => {
  await browser.close();
  elsewhere.close();
  await server.close();
});

const port = () => (elsewhere.address() as AddressInfo).port;

async function open(client_name: string): Promise<{ page: Page; trouble: string[]; url: string }> {
  const client = await OAuthClient.register(server.metadata, { registration: { client_name } });
  const redirect_uri = `http://127.0.0.1:${port()}/callback`;
  const { url } = client.authorization({ resource: server.resource(), redirect_uri });
  const page = await (await browser.newContext()).newPage();
  const trouble: string[] = [];
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (!message.location().url.endsWith('/favicon.ico')) trouble.push(message.text());
  });
  await page.goto(url.href);
  return { page, trouble, url: url.href };
}

it('a person signs in and approves, and the policy of our pages lets the answer through to the client', async () => {
  const { page, trouble, url } = await open('My IDE <svg onload=alert(1)>');
  await page.getByRole('textbox', { name: 'Email' }).fill(ADMIN.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'My IDE' }).waitFor();
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('heading', { name: 'Signed in' }).waitFor();
  expect(new URL(page.url()).searchParams.get('iss')).toBe(server.origin);
  await page.goto(url);
  expect(new URL(page.url()).pathname).toBe('/callback');
  expect(trouble).toEqual([]);
}, 30_000);

it('a page in a frame shows nothing', async () => {
  const { page, url } = await open('Framed');
  framed = url;
  await page.goto(`http://127.0.0.1:${port()}/frame`);
  const frame = page.frames()[1];
  await frame?.waitForLoadState();
  expect(frame?.url()).toContain('chrome-error:');
  expect(await frame?.getByRole('button').count()).toBe(0);
}, 30_000);
