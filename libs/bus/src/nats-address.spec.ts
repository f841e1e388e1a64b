import type { PeerCertificate } from 'node:tls';
import { readNatsAddress, tlsOptions } from './nats-address.js';

describe('a NATS address', () => {
  it('is taken apart, since the client ignores credentials inside it', () => {
    expect(readNatsAddress('nats://vault:p%40ss%2Fw@nats.internal:4333')).toEqual({
      shown: 'nats://nats.internal:4333',
      server: 'nats.internal:4333',
      host: 'nats.internal',
      user: 'vault',
      password: 'p@ss/w',
      tls: false,
    });
  });

  it('may leave out user, password and port, and ask for TLS', () => {
    expect(readNatsAddress('tls://nats')).toEqual({
      shown: 'tls://nats:4222',
      server: 'nats:4222',
      host: 'nats',
      user: undefined,
      password: undefined,
      tls: true,
    });
  });

  it('keeps a password with a bare percent sign as it is', () => {
    expect(readNatsAddress('nats://vault:100%@nats').password).toBe('100%');
  });

  it.each(['', 'nats', 'localhost:4222', 'http://vault:hunter2@nats', 'nats://', 'nats://vault:hunter2@'])(
    'is refused without being quoted: %s',
    (address) => {
      expect(() => readNatsAddress(address)).toThrow('must look like nats://user:password@host:4222');
      expect(() => readNatsAddress(address)).not.toThrow('hunter2');
    },
  );
});

describe("a NATS server's certificate", () => {
  const certificate = { subject: { CN: 'localhost' }, subjectaltname: 'DNS:localhost' } as PeerCertificate;

  it('must be for the host in the address, whatever the client takes its name to be', () => {
    const check = (host: string) => tlsOptions(host).checkServerIdentity('localhost', certificate);
    expect(check('localhost')).toBeUndefined();
    expect(check('127.0.0.1')).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(check('nats.internal')).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});
