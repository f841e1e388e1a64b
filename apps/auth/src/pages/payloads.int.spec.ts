import { OAuthClient } from '@gatehouse/testing';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ADMIN, startAuth, type AuthServer } from '../../test/auth-server.js';

const CHROMIUM = {
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
};

const SCRIPT = 'alert(1)';
const TAGS = [
  `<script>${SCRIPT}</script>`,
  `<svg onload=${SCRIPT}>`,
  `<svg/onload=${SCRIPT}//`,
  `<img src=x onerror=${SCRIPT}>`,
  `<img src=x:x onerror\u{3d}${SCRIPT}>`,
  `<body onload=${SCRIPT}>`,
  `<iframe srcdoc="<script>${SCRIPT}</script>">`,
  `<iframe src="javascript:${SCRIPT}">`,
  `<object data="javascript:${SCRIPT}">`,
  `<embed src="javascript:${SCRIPT}">`,
  `<math><mtext></form><form><mglyph><style></math><img src onerror=${SCRIPT}>`,
  `<details open ontoggle=${SCRIPT}>`,
  `<input autofocus onfocus=${SCRIPT}>`,
  `<video><source onerror=${SCRIPT}></video>`,
  `<meta http-equiv=refresh content="0;url=javascript:${SCRIPT}">`,
  `<base href="https://evil.example/">`,
  `<link rel=stylesheet href="https://evil.example/x.css">`,
  `<img src="https://evil.example/pixel.gif">`,
  `<form action="https://evil.example/"><button>Approve</button></form>`,
];
/** Each begins with what could end the element or attribute in which it stands. */
const ENDS = ['">', "'>", '</title>', '</h1>', '</dd>', '</style>', '</textarea>', '-->', '`>'];
const PAYLOADS = [
  ...TAGS,
  ...ENDS.map((end) => `${end}<img src=x onerror=${SCRIPT}>`),
  `" autofocus onfocus="${SCRIPT}`,
  `' autofocus onfocus='${SCRIPT}`,
  `" style="background:url(https://evil.example/x)`,
  `javascript:${SCRIPT}`,
  `&lt;script&gt;${SCRIPT}&lt;/script&gt;`,
  `&#60;img src=x onerror=${SCRIPT}&#62;`,
  `\u2028${SCRIPT}\u2029`,
  `\u202e<gpj.exe onload=${SCRIPT}>\u202c`,
  `\u0001<\u0001script>${SCRIPT}</script>`,
  `\${${SCRIPT}} {{${SCRIPT}}} <%= ${SCRIPT} %>`,
  `<${'a'.repeat(10_000)} onload=${SCRIPT}>`,
  `<script\u3000src=//evil.example/x.js></script\u3000>`,
];

let server: AuthServer;
let browser: Browser;
let page: Page;
const trouble: string[] = [];
beforeAll(async () => {
  server = await startAuth();
  browser = await chromium.launch(CHROMIUM);
  page = await (await browser.newContext()).newPage();
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => {
    if (!message.location().url.endsWith('/favicon.ico') && !message.text().includes('status of 4'))
      trouble.push(message.text());
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:' && origin !== server.origin) trouble.push(`request: ${request.url()}`);
  });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens every page on which a payload can be shown. */
async function show(payload: string, i: number): Promise<void> {
  const name = `server-${i}`;
  server.descriptions.set(name, payload);
  // a longer name is not registered at all
  const registration = { client_name: payload.slice(0, 1_000), logo_uri: 'https://evil.example/logo.svg' };
  const client = await OAuthClient.register(server.metadata, { registration });
  const request = { resource: server.resource(name), state: payload.slice(0, 2_000) };
  const hinted = { ...request, prompt: 'login', login_hint: payload.slice(0, 2_000) };
  await page.goto(client.authorization(hinted).url.href);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page.goto(client.authorization(request).url.href);
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  const shown = (await page.locator('dl').innerText()).replaceAll(/\s/g, '');
  expect(shown).toContain([...payload.replaceAll(/\s/g, '')].slice(0, 20).join(''));
  for (const [parameter, value] of [
    ['client_id', payload],
    ['redirect_uri', payload],
    ['response_type', payload],
  ] as const) {
    const url = client.authorization({ ...request, [parameter]: value.slice(0, 2_000) }).url;
    url.searchParams.append('client_id', url.searchParams.get('client_id') ?? ''); // refused by a page
    await page.goto(url.href);
  }
}

it(`${PAYLOADS.length} payloads are shown as text: no script runs, and nothing is asked of others`, async () => {
  expect(PAYLOADS).toHaveLength(40);
  const first = await OAuthClient.register(server.metadata);
  await page.goto(first.authorization({ resource: server.resource() }).url.href);
  await page.getByRole('textbox', { name: 'Email' }).fill(ADMIN.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  for (const [i, payload] of PAYLOADS.entries()) {
    await show(payload, i);
    expect([payload, ...trouble]).toEqual([payload]);
  }
}, 180_000);
