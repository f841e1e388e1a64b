import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Where a request comes from. Each proxy of ours adds to X-Forwarded-For, on the right, whom it was called by; what
 * stands further left anybody may have written.
 *
 * @param proxies how many of ours stand before us
 */
export function clientAddress(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  proxies: number,
): string {
  const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
  let client = plain(socket.remoteAddress ?? '');
  for (let passed = 0; passed < proxies; passed++) {
    const before = plain(forwarded.pop()?.trim() ?? '');
    if (isIP(before) === 0) break;
    client = before;
  }
  return client;
}

/** An IPv4 address that came over a socket for both families, as IPv4. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
