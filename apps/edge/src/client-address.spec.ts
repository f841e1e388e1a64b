import type { Socket } from 'node:net';
import { clientAddress } from './client-address.js';

describe('the address of a client', () => {
  it.each([
    ['no proxy of ours, whatever the client writes', 0, '10.0.0.1', '203.0.113.7', '10.0.0.1'],
    ['one proxy', 1, '10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['one proxy, and entries that the client made up', 1, '10.0.0.1', '1.1.1.1, 203.0.113.7', '203.0.113.7'],
    ['two proxies', 2, '10.0.0.1', '1.1.1.1, 203.0.113.7, 10.0.0.2', '203.0.113.7'],
    ['fewer proxies than were announced', 3, '10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['a proxy that names nobody', 1, '10.0.0.1', undefined, '10.0.0.1'],
    ['an entry that is no address', 1, '10.0.0.1', '203.0.113.7, <b>', '10.0.0.1'],
    ['IPv4 over a socket for both families', 0, '::ffff:10.0.0.1', undefined, '10.0.0.1'],
    ['IPv6', 1, 'fd00::1', '2001:db8::7', '2001:db8::7'],
  ])('with %s', (_, proxies, remoteAddress, forwarded, expected) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    expect(clientAddress({ headers, socket: { remoteAddress } as Socket }, proxies)).toBe(expected);
  });
});
