interface Cookie {
  host: string;
  path: string;
  name: string;
  value: string;
}

/** Cookies of a few pages (RFC 6265): by host and path, in memory, each sent to its own host only. */
export class CookieJar {
  private cookies: Cookie[] = [];

  /** Takes in what a response at `url` sets; `lines` are its Set-Cookie headers. */
  store(url: URL, lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const [name = '', value = ''] = splitOnce(pair);
      const attribute = new Map(attributes.map(splitOnce).map(([key, text]) => [key.toLowerCase(), text]));
      const path = attribute.get('path')?.startsWith('/') ? (attribute.get('path') ?? '/') : defaultPath(url);
      const same = (cookie: Cookie) =>
        cookie.host === url.hostname && cookie.path === path && cookie.name === name;
      this.cookies = this.cookies.filter((cookie) => !same(cookie));
      if (!hasEnded(attribute)) this.cookies.push({ host: url.hostname, path, name, value });
    }
  }

  /** The Cookie header for a request; empty if there is none to send. */
  header(url: URL): string {
    return this.cookies
      .filter(({ host, path }) => host === url.hostname && covers(path, url.pathname))
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function defaultPath({ pathname }: URL): string {
  return pathname.slice(0, pathname.lastIndexOf('/')) || '/';
}

function hasEnded(attributes: ReadonlyMap<string, string>): boolean {
  const age = attributes.get('max-age');
  if (age !== undefined) return Number(age) <= 0;
  const expires = attributes.get('expires');
  return expires !== undefined && Date.parse(expires) <= Date.now();
}

function covers(path: string, requested: string): boolean {
  return requested === path || requested.startsWith(path.endsWith('/') ? path : `${path}/`);
}
