import { Reachable, UnreachableByRule } from './reachable.js';

/** The host of a URL as the pools see it. */
const hostOf = (url: string) => new URL(url).hostname.replace(/^\[|\]$/g, '');

describe('which addresses an upstream may have', () => {
  const nothingOpened = Reachable.parse('');

  it.each([
    ['this network', 'http://0.0.0.0/'],
    ['this network, short', 'http://0/'],
    ['private use', 'http://10.1.2.3/'],
    ['private use', 'http://172.16.0.1/'],
    ['private use', 'http://172.31.255.255/'],
    ['private use', 'http://192.168.1.1/'],
    ['carrier NAT', 'http://100.64.0.1/'],
    ['loopback', 'http://127.0.0.1/'],
    ['loopback, any of it', 'http://127.255.255.254/'],
    ['loopback, short', 'http://127.1/'],
    ['loopback, as one number', 'http://2130706433/'],
    ['loopback, hexadecimal', 'http://0x7f.1/'],
    ['loopback, octal', 'http://0177.0.0.1/'],
    ['loopback, with a dot behind', 'http://127.0.0.1./'],
    ['loopback, in other digits', 'http://１２７.0.0.1/'],
    ['link-local, where clouds keep secrets', 'http://169.254.169.254/'],
    ['protocol assignments', 'http://192.0.0.8/'],
    ['documentation', 'http://192.0.2.1/'],
    ['6to4 relays', 'http://192.88.99.1/'],
    ['benchmarks', 'http://198.18.0.1/'],
    ['documentation', 'http://203.0.113.7/'],
    ['multicast', 'http://224.0.0.1/'],
    ['reserved', 'http://240.0.0.1/'],
    ['broadcast', 'http://255.255.255.255/'],
    ['unspecified', 'http://[::]/'],
    ['loopback', 'http://[::1]/'],
    ['IPv4-compatible', 'http://[::127.0.0.1]/'],
    ['IPv4-mapped', 'http://[::ffff:127.0.0.1]/'],
    ['IPv4-mapped', 'http://[::ffff:a9fe:a9fe]/'],
    ['NAT64', 'http://[64:ff9b::7f00:1]/'],
    ['NAT64, local', 'http://[64:ff9b:1::a00:1]/'],
    ['discard', 'http://[100::1]/'],
    ['Teredo', 'http://[2001::1]/'],
    ['documentation', 'http://[2001:db8::1]/'],
    ['6to4 of loopback', 'http://[2002:7f00:1::]/'],
    ['unique local', 'http://[fd00::1]/'],
    ['link-local', 'http://[fe80::1]/'],
    ['site-local', 'http://[fec0::1]/'],
    ['multicast', 'http://[ff02::1]/'],
  ])('is never %s: %s', (_, url) => {
    expect(nothingOpened.allows(hostOf(url), 443)).toBe(false);
  });

  it.each([
    'http://8.8.8.8/',
    'http://172.32.0.1/',
    'http://100.128.0.1/',
    'http://[2606:4700::1111]/',
    'http://134744072/',
  ])('is a public one: %s', (url) => {
    expect(nothingOpened.allows(hostOf(url), 443)).toBe(true);
  });

  it('is a private one where it was opened, on that port only', () => {
    const opened = Reachable.parse('10.1.0.0/16:8443, 127.0.0.1, [fd00::/8]:443');
    expect(opened.allows('10.1.2.3', 8443)).toBe(true);
    expect(opened.allows('10.1.2.3', 22)).toBe(false);
    expect(opened.allows('10.2.0.1', 8443)).toBe(false);
    expect(opened.allows('127.0.0.1', 5432)).toBe(true);
    expect(opened.allows('127.0.0.2', 5432)).toBe(false);
    expect(opened.allows('fd12::1', 443)).toBe(true);
    expect(opened.allows('fd12::1', 80)).toBe(false);
  });

  it.each(['10.0.0.0/33', 'ten', '10.0.0.0/8:70000', '[fd00::/8', 'fd00::/8:443:1', '10.0.0.0/-1'])(
    'says which part of the setting it cannot read: %s',
    (part) => {
      expect(() => Reachable.parse(`127.0.0.0/8,${part}`)).toThrow(part);
    },
  );

  it.each([true, false])('gives a connection only addresses that were checked (all: %s)', async (all) => {
    const look = (reachable: Reachable) =>
      new Promise((resolve) =>
        reachable.lookupFor(80)('localhost', { all }, (error, found) => resolve(error ?? found)),
      );
    expect(await look(nothingOpened)).toBeInstanceOf(UnreachableByRule);
    const found = await look(Reachable.parse('127.0.0.0/8'));
    expect(found).toEqual(all ? [{ address: '127.0.0.1', family: 4 }] : '127.0.0.1');
  });
});
