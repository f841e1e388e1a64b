import { createHash, createHmac, randomBytes } from 'node:crypto';
import { seal, TransportKey } from '@gatehouse/bus';
import {
  CredentialLease,
  Failure,
  getVaultKey,
  introspectToken,
  leaseCredential,
  TOKEN_PREFIX,
} from '@gatehouse/contracts';
import { testDatabase } from '@gatehouse/testing';
import { type CryptoKey, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import { PUBLIC_URL, TestVault } from '../../test/start-vault.js';

const HEADERS = { Authorization: 'Bearer planted-secret' };
const aud = `${PUBLIC_URL}/demo/mcp/github/server`;
const refusal = { code: 'vault.request_refused', detail: undefined };
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('leasing a credential', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let vault: TestVault;

  beforeAll(async () => {
    database = await testDatabase('vault');
    vault = await TestVault.start({ url: database.url });
    await vault.put('github', HEADERS);
    await vault.put('github', { Authorization: 'Bearer of-tenant-acme' }, 'acme');
    await vault.put('linear', { Authorization: 'Bearer of-linear' });
  });
  afterAll(async () => {
    await vault?.close();
    await database?.drop();
  });

  it('gives the headers, for a minute at most, against the caller’s own access token', async () => {
    const lease = await vault.lease('github');
    expect(lease).toEqual({ credential: expect.any(String), headers: HEADERS, keepMs: 60_000 });
    expect(await vault.lease('github', { tenant: 'acme' })).toMatchObject({
      headers: { Authorization: 'Bearer of-tenant-acme' },
    });
  });

  it('says that a credential is missing where there is none', async () => {
    await expect(vault.lease('unknown')).rejects.toMatchObject({ code: 'vault.credential_missing' });
  });

  describe('refuses an access token', () => {
    const now = () => Math.floor(Date.now() / 1_000);
    const refuses = async (token: string) =>
      expect(vault.lease('github', { token })).rejects.toMatchObject(refusal);

    it('of another server', async () =>
      refuses(await vault.token({ aud: `${PUBLIC_URL}/demo/mcp/linear/server` })));
    it('of another tenant', async () => refuses(await vault.token({ aud, tenant: 'acme' })));
    it('without a tenant', async () => refuses(await vault.token({ aud, tenant: undefined })));
    it('without an audience', async () => refuses(await vault.token({})));
    it('of another issuer', async () => refuses(await vault.token({ aud, iss: 'https://evil.example' })));
    it('that has expired', async () => refuses(await vault.token({ aud, exp: now() - 60 })));
    it('without an end', async () => refuses(await vault.token({ aud, exp: undefined })));
    it('that is an ID token', async () => refuses(await vault.token({ aud }, { typ: 'JWT' })));
    it('that is no token', async () => refuses('a.b.c'));

    it('signed with a key that is not the vault’s, under the kid of one that is', async () => {
      const [jwk] = (await vault.authKeys()).signing;
      const { privateKey } = await generateKeyPair('ES256');
      const forged = new SignJWT({ iss: PUBLIC_URL, aud, tenant: 'demo', exp: now() + 600 });
      await refuses(
        await forged.setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: jwk?.kid }).sign(privateKey),
      );
    });

    it('whose claims were altered after it was signed', async () => {
      const [header, , signature] = (await vault.token({ aud, tenant: 'acme' })).split('.');
      const claims = encode({ iss: PUBLIC_URL, aud, tenant: 'demo', exp: now() + 600 });
      await refuses(`${header}.${claims}.${signature}`);
    });

    it('with alg none', async () =>
      refuses(
        `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode({ iss: PUBLIC_URL, aud, tenant: 'demo', exp: now() + 600 })}.`,
      ));

    it('with HS256 and the public key as its secret', async () => {
      const [jwk] = (await vault.authKeys()).signing;
      const publicJwk = { kty: 'EC', crv: 'P-256', x: String(jwk?.['x']), y: String(jwk?.['y']) };
      const spki = await exportSPKI((await importJWK(publicJwk, 'ES256')) as CryptoKey);
      const body = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: jwk?.kid })}.${encode({ iss: PUBLIC_URL, aud, tenant: 'demo', exp: now() + 600 })}`;
      for (const secret of [spki, spki.trim(), JSON.stringify(publicJwk)])
        await refuses(`${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`);
    });
  });

  describe('refuses a request', () => {
    it('that was issued more than 30 s ago, or in the future', async () => {
      for (const issuedAt of [Date.now() - 31_000, Date.now() + 31_000])
        await expect(vault.lease('github', { issuedAt })).rejects.toMatchObject(refusal);
      await vault.lease('github', { issuedAt: Date.now() - 25_000 });
    });

    it('whose nonce was used before, even if both are sent at once', async () => {
      const nonce = randomBytes(16).toString('base64url');
      const both = await Promise.allSettled([
        vault.lease('github', { nonce }),
        vault.lease('github', { nonce }),
      ]);
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      await expect(vault.lease('github', { nonce })).rejects.toMatchObject(refusal);
    });

    it('that is sent again by somebody who listened', async () => {
      const { key } = await vault.edge.request(getVaultKey, {});
      const request = {
        tenant: 'demo',
        server: 'github',
        resource: aud,
        token: await vault.token({ aud }),
        nonce: randomBytes(16).toString('base64url'),
        issuedAt: Date.now(),
        recipient: (await TransportKey.create()).publicJwk,
      };
      const sealed = await seal(request, key);
      await vault.edge.request(leaseCredential, { sealed });
      await expect(vault.edge.request(leaseCredential, { sealed })).rejects.toMatchObject(refusal);
    });

    it('whose resource belongs to another tenant or server than it names', async () => {
      const token = await vault.token({ aud });
      for (const forged of [
        { tenant: 'acme', resource: aud, token },
        { server: 'linear', resource: aud, token },
        { resource: 'https://evil.example/demo/mcp/github/server' },
        { resource: `${aud}/` },
      ])
        await expect(vault.lease('github', forged)).rejects.toMatchObject(refusal);
    });

    it('sealed to another key than this vault’s', async () => {
      const other = await TransportKey.create();
      const sealed = await seal({ tenant: 'demo' }, other.publicJwk);
      await expect(vault.edge.request(leaseCredential, { sealed })).rejects.toMatchObject(refusal);
    });

    it('and writes the reason to the log, but never the token', async () => {
      const token = await vault.token({ aud, tenant: 'acme' });
      await expect(vault.lease('github', { token })).rejects.toMatchObject(refusal);
      expect(vault.log).toContain('of another tenant');
      expect(vault.log).not.toContain(token);
      expect(vault.log).not.toContain(token.split('.')[2]);
    });
  });

  it('seals the lease to the recipient: nobody else can read it', async () => {
    const [recipient, stranger] = [await TransportKey.create(), await TransportKey.create()];
    const { key } = await vault.edge.request(getVaultKey, {});
    const request = {
      tenant: 'demo',
      server: 'github',
      resource: aud,
      token: await vault.token({ aud }),
      nonce: randomBytes(16).toString('base64url'),
      issuedAt: Date.now(),
      recipient: recipient.publicJwk,
    };
    const reply = await vault.edge.request(leaseCredential, { sealed: await seal(request, key) });
    await expect(stranger.open(reply.sealed, CredentialLease)).rejects.toThrow();
    expect(await recipient.open(reply.sealed, CredentialLease)).toMatchObject({ headers: HEADERS });
  });

  describe('against a personal access token', () => {
    const token = `${TOKEN_PREFIX.personalAccessToken}of-demo`;
    const known = new Map([
      [token, 'demo'],
      [`${TOKEN_PREFIX.personalAccessToken}of-acme`, 'acme'],
    ]);

    it('says that a part is missing, not that the token is bad, while the auth service is down', async () => {
      await expect(vault.lease('github', { token })).rejects.toMatchObject({ code: 'bus.no_responder' });
    });

    it('asks the auth service by the token’s hash, and compares the tenant', async () => {
      vault.auth.handle(introspectToken, ({ hash }) => {
        const match = [...known].find(
          ([value]) => createHash('sha256').update(value).digest('base64url') === hash,
        );
        if (!match) throw new Failure('auth.unknown_token');
        const subject = { type: 'user' as const, id: 'jane', name: 'jane@example.com' };
        return { tenant: match[1], subject, teams: [], admin: false, token: 'id', expires: null };
      });
      expect(await vault.lease('github', { token })).toMatchObject({ headers: HEADERS });
      for (const suffix of ['of-acme', 'unknown'])
        await expect(
          vault.lease('github', { token: `${TOKEN_PREFIX.personalAccessToken}${suffix}` }),
        ).rejects.toMatchObject(refusal);
    });
  });
});
