import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { z } from 'zod';

/** Addresses that no URL from outside may lead to: the IANA special-purpose registries (RFC 6890), v4 and v6. */
const SPECIAL_V4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24',
  '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24',
  '224.0.0.0/4', '240.0.0.0/4',
]; // prettier-ignore
const SPECIAL_V6 = [
  '::/96', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32',
  '2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8',
]; // prettier-ignore

interface Opening {
  readonly range: BlockList;
  /** Null: any port. */
  readonly port: number | null;
}

/** Which addresses URLs from outside may lead to: all public ones, and the private ones that were opened. */
export class Reachable {
  // apart, because a BlockList takes every IPv4 address for one of ::ffff:0:0/96
  private readonly special = { ipv4: blockList(SPECIAL_V4), ipv6: blockList(SPECIAL_V6) };

  private constructor(private readonly openings: readonly Opening[]) {}

  /**
   * @param text CIDRs with an optional port, separated by commas: `127.0.0.0/8,10.1.0.0/16:443,[fd00::/8]:443`
   * @throws Error naming the part at fault
   */
  static parse(text: string): Reachable {
    const parts = text.split(',').map((part) => part.trim());
    return new Reachable(parts.filter((part) => part !== '').map(parseOpening));
  }

  allows(address: string, port: number): boolean {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (!this.special[family].check(address, family)) return true;
    return this.openings.some(
      ({ range, port: only }) => (only ?? port) === port && range.check(address, family),
    );
  }

  /** A DNS lookup for one port that gives only allowed addresses: what is checked is what is connected to. */
  lookupFor(port: number): LookupFunction {
    return (hostname, options, callback) => {
      dnsLookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
        if (error) return callback(error, '');
        const allowed = addresses.filter(({ address }) => this.allows(address, port));
        const [first] = allowed;
        if (!first) return callback(new UnreachableByRule(hostname), '');
        if (options.all) callback(null, allowed);
        else callback(null, first.address, first.family);
      });
    };
  }
}

/** The URL leads to an address that GATEHOUSE_ALLOW_PRIVATE does not open. */
export class UnreachableByRule extends Error {
  override readonly name = 'UnreachableByRule';

  constructor(readonly host: string) {
    super(`${host} is a private address that GATEHOUSE_ALLOW_PRIVATE does not open`);
  }
}

/** The setting GATEHOUSE_ALLOW_PRIVATE: CIDRs with an optional port. */
export function allowPrivate() {
  return z
    .string()
    .default('')
    .transform((text, context) => {
      try {
        return Reachable.parse(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    })
    .describe(
      'Private addresses that URLs of upstreams, clients, issuers and identity providers may lead to: CIDRs with an optional port, such as `127.0.0.0/8,10.1.0.0/16:443`. The all-in-one by itself opens loopback.',
    );
}

function parseOpening(part: string): Opening {
  const match = /^(?:\[([^\]]+)\]|([^[\]:]+)|([^[\]]*:[^[\]]*\/\d+))(?::(\d{1,5}))?$/.exec(part);
  const cidr = match?.[1] ?? match?.[2] ?? match?.[3];
  const port = match?.[4] === undefined ? null : Number(match[4]);
  if (cidr === undefined || (port !== null && port > 65_535))
    throw new Error(`'${part}' is not a CIDR with an optional port, like 10.0.0.0/8:443`);
  try {
    return { range: blockList([cidr]), port };
  } catch {
    throw new Error(`'${part}' is not a CIDR with an optional port, like 10.0.0.0/8:443`);
  }
}

function blockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [network = '', bits] = cidr.split('/');
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(network, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  }
  return list;
}
