#!/usr/bin/env node
// A small client on the MCP TypeScript SDK, as an application would be: node sdk-client.mjs v1|v2 URL CALL.
// CALL: what to call, in JSON, or null. Keeps what it is given in $HOME, and opens $BROWSER.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const V2 = new URL(
  '../../../../tools/clients/node_modules/@modelcontextprotocol/client/dist/index.mjs',
  import.meta.url,
);
const LOAD = {
  v1: async () => ({
    ...(await import('@modelcontextprotocol/sdk/client/index.js')),
    ...(await import('@modelcontextprotocol/sdk/client/streamableHttp.js')),
    ...(await import('@modelcontextprotocol/sdk/client/auth.js')),
  }),
  v2: () => import(V2.href),
};

const [version, url, call] = process.argv.slice(2);
const { Client, StreamableHTTPClientTransport, UnauthorizedError } = await LOAD[version]();
const file = join(process.env.HOME, `sdk-${version}.json`);
const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const keep = (name, value) => {
  kept[name] = value;
  writeFileSync(file, JSON.stringify(kept));
};

let arrived;
const answer = new Promise((resolve) => (arrived = resolve));
const callback = createServer((request, response) => {
  response.end('You are signed in.');
  arrived(new URL(request.url, 'http://localhost').searchParams);
});
await new Promise((resolve) => callback.listen(kept.port ?? 0, '127.0.0.1', resolve));
keep('port', callback.address().port);
const redirectUrl = `http://127.0.0.1:${kept.port}/callback`;

const authProvider = {
  redirectUrl,
  clientMetadata: {
    client_name: `SDK ${version}`,
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  clientInformation: () => kept.client,
  saveClientInformation: (client) => keep('client', client),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => keep('tokens', tokens),
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: (verifier) => keep('verifier', verifier),
  redirectToAuthorization(address) {
    spawn(process.env.BROWSER, [address.href], { stdio: 'ignore' });
  },
};

/** Signs in as often as the SDK says that a person is needed. */
async function authorized(work) {
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider });
  const client = new Client(
    { name: 'sdk-client', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  );
  try {
    await client.connect(transport);
    return await work(client);
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    const parameters = await answer;
    await transport.finishAuth(version === 'v2' ? parameters : parameters.get('code'));
    return authorized(work);
  } finally {
    await client.close();
  }
}

const called = await authorized(async (client) => {
  await client.listTools();
  return JSON.parse(call) && client.callTool(JSON.parse(call));
});
console.log(JSON.stringify(called));
callback.close();
