import { spawn } from 'node:child_process';
import { say, UsageError } from '../command.js';
import { Browser } from './browser.js';
import type { Loopback } from './loopback.js';
import { Unexpected } from './unexpected.js';
import { walkPages } from './walk-pages.js';

/** Gets from the authorization request to the redirect back to the client. */
export type Walk = (authorizationUrl: URL, loopback: Loopback) => Promise<URL>;

const PATIENCE_MS = 5 * 60_000;

/** With e-mail and password the pages are walked here; without, the browser opens. @throws UsageError for half */
export function walkFor(email: string | undefined, password: string | undefined): Walk {
  if (email === undefined && password === undefined) return throughBrowser;
  if (email === undefined || password === undefined)
    throw new UsageError('give both --email and --password, or neither');
  return (start, { redirectUri }) => walkPages(new Browser(redirectUri), start, { email, password });
}

async function throughBrowser(start: URL, { callback }: Loopback): Promise<URL> {
  say(`Opening the browser to sign in. If it does not open, go to:\n  ${start.href}`);
  openBrowser(start.href);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Unexpected('nobody came back from the browser within 5 minutes')),
      PATIENCE_MS,
    );
  });
  return Promise.race([callback, tooLate]).finally(() => clearTimeout(timer));
}

function openBrowser(url: string): void {
  const [command, ...args] = browserCommand(url);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  // no browser here: the address was printed
  child.once('error', () => undefined);
  child.unref();
}

function browserCommand(url: string): [string, ...string[]] {
  const chosen = process.env['BROWSER'];
  if (chosen) return [chosen, url];
  if (process.platform === 'darwin') return ['open', url];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  return ['xdg-open', url];
}
