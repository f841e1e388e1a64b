/** A page that a {@link Browser} has been sent to. */
export interface BrowserPage {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

/** Where a {@link Browser} was sent that no page is: an app's own address, or a client's loopback listener. */
export interface LeftFor {
  readonly leftFor: URL;
}

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

interface Cookie {
  readonly host: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
}

const MAX_REDIRECTS = 20;

/** A browser without a screen or scripts: keeps cookies, follows redirects (`Refresh` too), fills in forms by their labels. */
export class Browser {
  private cookies: Cookie[] = [];

  /** @param fetch where not all addresses can be reached by the global one */
  constructor(private readonly fetch: Fetch = (url, init) => globalThis.fetch(url, init)) {}

  /** Opens an address; a redirect that begins with `until` is not followed. */
  async open(url: string | URL, until = '\0', init: RequestInit = {}): Promise<BrowserPage | LeftFor> {
    let [target, request] = [new URL(url), init];
    for (let hops = 0; hops < MAX_REDIRECTS; hops += 1) {
      const response = await this.send(target, request);
      const location = nextAddress(response);
      if (location === null)
        return {
          url: target,
          status: response.status,
          headers: response.headers,
          html: await response.text(),
        };
      await response.body?.cancel();
      target = new URL(location, target);
      if (target.href.startsWith(until)) return { leftFor: target };
      request = {};
    }
    throw new Error(`${MAX_REDIRECTS} redirects on end, the last to ${target.href}`);
  }

  /**
   * Fills in the form that has a button with this text, and presses it.
   *
   * @param values by label; other fields keep what the page put into them
   */
  async press(
    page: BrowserPage,
    button: string,
    { values = {}, until }: { values?: Record<string, string>; until?: string } = {},
  ): Promise<BrowserPage | LeftFor> {
    const { action, body } = fillForm(page, button, values);
    return this.open(action, until, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    });
  }

  /** The cookies that would go with a request, as one header. */
  cookieHeader(url: URL): string {
    return this.cookies
      .filter(({ host, path }) => host === url.hostname && isBelow(url.pathname, path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  private async send(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has('accept')) headers.set('accept', 'text/html');
    const cookie = this.cookieHeader(url);
    if (cookie !== '') headers.set('cookie', cookie);
    const response = await this.fetch(url.href, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.keep(line, url);
    return response;
  }

  private keep(line: string, url: URL): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const [name = '', value = ''] = split(pair);
    const given = Object.fromEntries(attributes.map(split).map(([key, text]) => [key.toLowerCase(), text]));
    const cookie = { host: url.hostname, path: given['path'] ?? '/', name, value };
    this.cookies = this.cookies.filter(
      (kept) => !(kept.name === name && kept.host === cookie.host && kept.path === cookie.path),
    );
    const over = given['expires'] !== undefined && new Date(given['expires']) <= new Date();
    if (!over && given['max-age'] !== '0') this.cookies.push(cookie);
  }
}

/** Where a response sends the browser on: a redirect, or a page with `Refresh: 0`. */
function nextAddress({ status, headers }: Response): string | null {
  const [, refresh] = /^0; ?url=(.+)$/.exec(headers.get('refresh') ?? '') ?? [];
  return status >= 300 && status <= 399 ? headers.get('location') : (refresh ?? null);
}

/** Asserts that the browser shows a page, and returns it. */
export function shown(result: BrowserPage | LeftFor): BrowserPage {
  if ('leftFor' in result) throw new Error(`expected a page, but was sent to ${result.leftFor.href}`);
  return result;
}

/** Asserts that the browser was sent away, and returns where to. */
export function left(result: BrowserPage | LeftFor): URL {
  if ('leftFor' in result) return result.leftFor;
  throw new Error(`expected to be sent away, but got ${result.status} at ${result.url.href}: ${result.html}`);
}

/** What pressing a button would send. */
export function fillForm(
  page: BrowserPage,
  button: string,
  values: Record<string, string> = {},
): { action: URL; body: URLSearchParams } {
  for (const [, formTag = '', inner = ''] of page.html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)) {
    const pressed = [...inner.matchAll(/<button\b([^>]*)>(.*?)<\/button>/gs)].find(
      ([, , text = '']) => unescape(text.trim()) === button,
    );
    if (!pressed) continue;
    const body = fields(inner, values);
    const { name, value = '' } = attributes(pressed[1] ?? '');
    if (name !== undefined) body.set(name, value);
    return { action: new URL(attributes(formTag)['action'] ?? '', page.url), body };
  }
  throw new Error(`no button "${button}" on ${page.url.href} (${page.status}): ${page.html}`);
}

function fields(form: string, values: Record<string, string>): URLSearchParams {
  const body = new URLSearchParams();
  const byId = new Map<string, string>();
  for (const [, tag = ''] of form.matchAll(/<(?:input|select)\b([^>]*)>/g)) {
    const { name, value = '', id } = attributes(tag);
    if (name === undefined) continue;
    body.set(name, value);
    if (id !== undefined) byId.set(id, name);
  }
  for (const [label, value] of Object.entries(values)) {
    const tag = [...form.matchAll(/<label\b([^>]*)>(.*?)<\/label>/gs)].find(
      ([, , text = '']) => unescape(text.trim()) === label,
    );
    const name = byId.get(attributes(tag?.[1] ?? '')['for'] ?? '');
    if (name === undefined) throw new Error(`no field labelled "${label}" in the form: ${form}`);
    body.set(name, value);
  }
  return body;
}

function attributes(tag: string): Record<string, string | undefined> {
  return Object.fromEntries(
    [...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, unescape(value)]),
  );
}

const ENTITIES: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

function unescape(text: string): string {
  return text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

function split(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
