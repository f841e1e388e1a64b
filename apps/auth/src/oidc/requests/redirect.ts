const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Where a redirect URI leads, as a person should see it: the host, or the scheme of an app. */
export function redirectHost(uri: string): string {
  const url = new URL(uri);
  return isWeb(url) ? url.hostname : `${url.protocol}//${url.host}`;
}

/** The redirect URI as a source in the policy `form-action`: browsers apply that to the redirect after a form too. */
export function formTarget(uri: string): string {
  const url = new URL(uri);
  // Host sources know no IPv6 addresses.
  return isWeb(url) && !url.hostname.startsWith('[') ? url.origin : url.protocol;
}

/** Whether a code sent there stays on the person's own machine, where any program may be listening. */
export function isLoopback(uri: string): boolean {
  const url = new URL(uri);
  return isWeb(url) && LOOPBACK.has(url.hostname);
}

/** The redirect URI by which an approval is remembered: a loopback port changes at each start of a client. */
export function withoutLoopbackPort(uri: string): string {
  if (!isLoopback(uri)) return uri;
  const url = new URL(uri);
  url.port = '';
  return url.href;
}

function isWeb(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}
