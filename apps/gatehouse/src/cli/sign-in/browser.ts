import { describeError } from '../describe-error.js';
import { CookieJar } from './cookie-jar.js';
import { type Button, type Form, type Page, readPage } from './read-page.js';
import { Unexpected } from './unexpected.js';

const MAX_REDIRECTS = 20;
const TIMEOUT_MS = 30_000;

/** Where a step led: to a page, or back to the client. */
export type Place = { callback: URL } | { callback?: never; url: URL; status: number; page: Page };

/** Opens pages and sends forms as a browser would, without running scripts, until it is sent back to the client. */
export class Browser {
  private readonly cookies = new CookieJar();

  /** @param redirectUri the client's address: it is recognised, never fetched */
  constructor(private readonly redirectUri: string) {}

  open(url: URL): Promise<Place> {
    return this.follow(url, { method: 'GET' });
  }

  /** Sends a form with what its fields hold, by one of its buttons. */
  submit(at: URL, form: Form, button: Button | undefined): Promise<Place> {
    const data = new URLSearchParams(form.fields.map(({ name, value }): [string, string] => [name, value]));
    if (button?.name) data.append(button.name, button.value);
    const url = new URL(form.action || at.href, at);
    if (form.method === 'post')
      return this.follow(url, {
        method: 'POST',
        body: data,
        headers: { origin: at.origin, referer: at.href },
      });
    url.search = data.toString();
    return this.follow(url, { method: 'GET' });
  }

  private async follow(start: URL, init: RequestInit): Promise<Place> {
    let url = start;
    let request = init;
    for (let hops = 0; hops < MAX_REDIRECTS; hops += 1) {
      const response = await this.send(url, request);
      const location = response.headers.get('location');
      if (location === null || response.status < 300 || response.status > 399)
        return { url, status: response.status, page: readPage(await response.text()) };
      await response.body?.cancel();
      const next = new URL(location, url);
      if (`${next.origin}${next.pathname}` === this.redirectUri) return { callback: next };
      if (response.status < 307) request = { method: 'GET' };
      url = next;
    }
    throw new Unexpected(`more than ${MAX_REDIRECTS} redirects, the last to ${url.origin}${url.pathname}`);
  }

  private async send(url: URL, init: RequestInit): Promise<Response> {
    const cookie = this.cookies.header(url);
    const headers = { accept: 'text/html', ...init.headers, ...(cookie && { cookie }) };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { ...init, headers, redirect: 'manual', signal }).catch(
      (error: unknown) => {
        throw new Unexpected(`no answer from ${url.origin}: ${describeError(error)}`);
      },
    );
    this.cookies.store(url, response.headers.getSetCookie());
    return response;
  }
}
