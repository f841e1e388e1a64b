import { randomUUID } from 'node:crypto';
import { TransportKey } from '@gatehouse/bus';
import { createClient } from '@gatehouse/contracts';
import { approve, Browser, DocumentHost, OAuthClient } from '@gatehouse/testing';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { ADMIN, startAuth, type AuthServer } from '../../test/auth-server.js';

const REDIRECT = 'https://agent.example/callback';

let host: DocumentHost;
let server: AuthServer;
let key: CryptoKey;
beforeAll(async () => {
  host = await DocumentHost.start();
  server = await startAuth({ GATEHOUSE_ALLOW_PRIVATE: `127.0.0.1:${host.port}` });
  const pair = await generateKeyPair('ES256');
  key = pair.privateKey;
  host.serve('/keys', { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'ES256' }] });
});
afterAll(async () => {
  await server.close();
  await host.close();
});

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

async function assertion(clientId: string, by = key, claims = {}): Promise<Record<string, string>> {
  const jwt = new SignJWT({ iss: clientId, sub: clientId, aud: server.origin, jti: randomUUID(), ...claims });
  const client_assertion = await jwt
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(by);
  return { client_assertion_type: ASSERTION, client_assertion };
}

/** Signs in, and redeems the code with what proves the client. */
async function redeem(clientId: string, proof: Record<string, string>): Promise<Record<string, unknown>> {
  const client = OAuthClient.known(server.metadata, clientId, { redirectUri: REDIRECT });
  const request = client.authorization({ resource: server.resource() });
  const redirect = await approve(new Browser(), request, ADMIN);
  const response = await client.token({
    grant_type: 'authorization_code',
    code: redirect.searchParams.get('code') ?? '',
    code_verifier: request.verifier,
    redirect_uri: REDIRECT,
    ...proof,
  });
  return (await response.json()) as Record<string, unknown>;
}

async function make(jwksUri: string): Promise<string> {
  const { client } = await server.connect('console').request(createClient, {
    ...{ tenant: 'demo', by: 'p1', authentication: 'private_key_jwt' },
    settings: { name: 'Agent', redirectUris: [REDIRECT], jwksUri },
    recipient: (await TransportKey.create()).publicJwk,
  });
  return client.id;
}

describe('a client that proves itself by a key', () => {
  it('whose public part is at an address that an administrator named, gets tokens', async () => {
    const id = await make(host.url('/keys'));
    expect(await redeem(id, await assertion(id))).toHaveProperty('access_token');
  });

  it('that its document names, gets tokens', async () => {
    const id = host.serveClient('/agent.json', {
      redirect_uris: [REDIRECT],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: host.url('/keys'),
    });
    expect(await redeem(id, await assertion(id))).toHaveProperty('access_token');
  });

  it('gets none by another key, for another audience, twice, or without any', async () => {
    const id = await make(host.url('/keys'));
    const { privateKey } = await generateKeyPair('ES256');
    const once = await assertion(id);
    await redeem(id, once);
    const proofs = [
      await assertion(id, privateKey),
      await assertion(id, key, { aud: 'https://x.example' }),
      once,
      {},
    ];
    for (const proof of proofs) expect(await redeem(id, proof)).toMatchObject({ error: 'invalid_client' });
  });

  it('gets none if its keys are where nobody may be led', async () => {
    const inside = await DocumentHost.start();
    try {
      const id = await make(inside.url('/keys'));
      expect(await redeem(id, await assertion(id))).not.toHaveProperty('access_token');
      expect(inside.connections).toBe(0);
    } finally {
      await inside.close();
    }
  });
});
