import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';

/** What the NATS client wants apart: it ignores a user and password inside the address. */
export interface NatsAddress {
  /** `nats://host:port`: what may be shown. */
  shown: string;
  server: string;
  host: string;
  user: string | undefined;
  password: string | undefined;
  tls: boolean;
}

/**
 * Reads `nats://user:password@host:port` or `tls://...`. The password is percent-encoded where needed.
 *
 * @throws Error that does not show the address, for it may contain a password
 */
export function readNatsAddress(address: string): NatsAddress {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !['nats:', 'tls:'].includes(url.protocol) || url.hostname === '')
    throw new Error('the NATS address must look like nats://user:password@host:4222, or tls:// in its place');
  const server = `${url.hostname}:${url.port || '4222'}`;
  return {
    shown: `${url.protocol}//${server}`,
    server,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    user: decode(url.username),
    password: decode(url.password),
    tls: url.protocol === 'tls:',
  };
}

/**
 * Has the server's certificate checked against the configured host. The client itself would check one for an IP
 * address against `localhost`.
 */
export function tlsOptions(host: string) {
  return {
    servername: isIP(host) ? '' : host,
    checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
  } satisfies ConnectionOptions;
}

function decode(part: string): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a bare % in a password that nobody encoded
  }
}
