#!/usr/bin/env node
// Stands in for a person at a browser: clients open the address given here as they would open theirs ($BROWSER).
// Signs in with E2E_EMAIL and E2E_PASSWORD, approves, and stays until the client's own page is shown. If the file
// E2E_SCOPE_FILE exists, its content is granted instead of the scope that was asked for, once.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A headless Chromium with a profile of its own; `use` gets a page, and everything is closed afterwards. */
export async function withPage(use) {
  const profile = await mkdtemp(join(tmpdir(), 'gatehouse-chromium-'));
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: FLAGS });
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
}

/** From the first page to the one that the client shows at the end. */
export async function signInAndApprove(page, { email, password }) {
  await page.getByRole('textbox', { name: 'Email' }).fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const approve = page.getByRole('button', { name: 'Approve' });
  await approve.waitFor();
  await approve.click();
  await page.waitForURL((url) => url.searchParams.has('code') || url.pathname.endsWith('/callback'));
}

async function narrowed(address, file = '') {
  const scope = await readFile(file, 'utf8').catch(() => null);
  if (scope === null) return address;
  await rm(file);
  const url = new URL(address);
  url.searchParams.set('scope', scope);
  return url.href;
}

const [, script, address] = process.argv;
if (address && script === new URL(import.meta.url).pathname) {
  const { E2E_EMAIL: email, E2E_PASSWORD: password, E2E_SCOPE_FILE: scopeFile } = process.env;
  await withPage(async (page) => {
    await page.goto(await narrowed(address, scopeFile));
    await signInAndApprove(page, { email, password });
    await page.waitForLoadState();
  });
}
