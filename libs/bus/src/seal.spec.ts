import { Sealed } from '@gatehouse/contracts';
import { CompactEncrypt, exportJWK, generateKeyPair, importJWK } from 'jose';
import { inspect } from 'node:util';
import { z } from 'zod';
import { seal, TransportKey } from './seal.js';

const Secret = z.object({ password: z.string() });
const secret = { password: 'hunter2' };
const unopened = { code: 'bus.bad_message', detail: 'the sealed message cannot be opened' };

describe('a sealed message', () => {
  let key: TransportKey;
  beforeAll(async () => void (key = await TransportKey.create()));

  it('is opened by the key it was sealed to', async () => {
    const sealed = await seal(secret, key.publicJwk);
    expect(Sealed.safeParse(sealed).success).toBe(true);
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('hunter2');
    expect(await key.open(sealed, Secret)).toEqual(secret);
  });

  it('is ECDH-ES with A256GCM', async () => {
    const [header = ''] = (await seal(secret, key.publicJwk)).split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({
      alg: 'ECDH-ES',
      enc: 'A256GCM',
    });
  });

  it('is not opened by another key', async () => {
    const other = await TransportKey.create();
    await expect(other.open(await seal(secret, key.publicJwk), Secret)).rejects.toMatchObject(unopened);
  });

  it('is not opened after a change', async () => {
    const [header, encrypted, iv, text = '', tag] = (await seal(secret, key.publicJwk)).split('.');
    const altered = (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
    const sealed = [header, encrypted, iv, altered, tag].join('.');
    await expect(key.open(sealed, Secret)).rejects.toMatchObject(unopened);
  });

  it('is not opened under an algorithm that we do not use', async () => {
    const recipient = await importJWK({ ...key.publicJwk }, 'ECDH-ES');
    for (const [alg, enc] of [
      ['ECDH-ES+A256KW', 'A256GCM'],
      ['ECDH-ES', 'A128CBC-HS256'],
    ] as const) {
      const sealed = await new CompactEncrypt(Buffer.from(JSON.stringify(secret)))
        .setProtectedHeader({ alg, enc })
        .encrypt(recipient);
      await expect(key.open(sealed, Secret)).rejects.toMatchObject(unopened);
    }
  });

  it.each([[''], ['a.b.c.d.e'], ['not a token'], ['....'], ['e30....']])(
    'is not opened if malformed: %j',
    async (sealed) => {
      await expect(key.open(sealed, Secret)).rejects.toMatchObject(unopened);
    },
  );

  it('says nothing of a content that does not fit', async () => {
    const sealed = await seal({ password: ['hunter2'], hunter2: true }, key.publicJwk);
    const error: unknown = await key.open(sealed, Secret).catch((caught: unknown) => caught);
    expect(error).toMatchObject(unopened);
    expect(inspect(error, { depth: 10 })).not.toContain('hunter2');
  });
});

describe('a transport key', () => {
  it('shows its public half only', async () => {
    const key = await TransportKey.create();
    expect(Object.keys(key.publicJwk).sort()).toEqual(['crv', 'kty', 'x', 'y']);
    expect(inspect(key, { depth: 10, showHidden: true })).not.toMatch(/"?d"?:/);
  });

  it.each<[string, () => unknown]>([
    ['a symmetric key', () => ({ kty: 'oct', k: 'AAAA' })],
    ['a point that is not on the curve', () => ({ kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' })],
    ['nothing', () => undefined],
    ['a key on another curve', async () => exportJWK((await generateKeyPair('ES384')).publicKey)],
  ])('is no recipient if it is %s', async (_kind, recipient) => {
    await expect(seal(secret, await recipient())).rejects.toMatchObject({ code: 'bus.bad_message' });
  });
});
