import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Makes every request look as if it had come to the public origin. Addresses in metadata and redirects are built from
 * the request by the engine: what a client writes into Host or X-Forwarded-* must not get there.
 */
export function pinPublicOrigin(origin: string) {
  const { host, protocol } = new URL(origin);
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    // An absolute request target (RFC 9112, section 3.2.2) would count for more than Host.
    if (!request.url?.startsWith('/')) return void response.writeHead(400).end();
    delete request.headers['x-forwarded-host'];
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    request.headers.host = host;
    next();
  };
}
