import { freshSeconds, isDocumentUrl, readDocument } from './document.js';

const URL = 'https://client.example/oauth/client.json';
const read = (members: Record<string, unknown>) =>
  readDocument(
    URL,
    JSON.stringify({
      client_id: URL,
      client_name: 'x',
      redirect_uris: ['http://127.0.0.1/callback'],
      ...members,
    }),
  );

describe('a client id is the address of a document', () => {
  it.each([
    'https://claude.ai/oauth/claude-code-client-metadata',
    'https://vscode.dev/oauth/client-metadata.json',
    'https://client.example:8443/a?b=c',
  ])('if it is %s', (id) => expect(isDocumentUrl(id)).toBe(true));

  it.each([
    'AbCdEfGhIjkl',
    'http://client.example/client.json',
    'ftp://client.example/client.json',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://client.example',
    'https://client.example/',
    'https://user:password@client.example/c',
    'https://user@client.example/c',
    'https://@client.example/c',
    'https://client.example/c#x',
    'https://client.example/c#',
    'https://client.example/a/../c',
    'https://client.example/%2e%2e/c',
    'https://CLIENT.example/c',
    'https://client.example:443/c',
    'https:client.example/c',
    'https:\\\\client.example\\c',
    'https://client.example/c d',
    ' https://client.example/c',
    'https://client.example/c\n',
    'https://2130706433/c',
    'https://0x7f.1/c',
    'https://127.1/c',
    'https://１２７.0.0.1/c',
  ])('but not if it is %j', (id) => expect(isDocumentUrl(id)).toBe(false));
});

/** Documents as they are published: ../shared/reference/clients.md. */
const DOCUMENTS = {
  'Claude Code, without an application type': {
    client_name: 'Claude Code',
    client_uri: 'https://claude.ai',
    redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  'VS Code': {
    client_name: 'Visual Studio Code',
    redirect_uris: [
      'http://127.0.0.1:33418/',
      'https://vscode.dev/redirect',
      'http://localhost/',
      'http://127.0.0.1/',
    ],
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  },
};

describe('a document', () => {
  it.each(Object.entries(DOCUMENTS))('of %s is a native client', (_name, document) => {
    expect(read(document)).toEqual({
      client_id: URL,
      client_name: document.client_name,
      redirect_uris: document.redirect_uris,
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...('client_uri' in document ? { client_uri: document.client_uri } : {}),
    });
  });

  it('of a client on the web may authenticate by a key of its own', () => {
    const redirect_uris = ['https://client.example/callback'];
    const jwks_uri = 'https://client.example/keys';
    expect(read({ redirect_uris, token_endpoint_auth_method: 'private_key_jwt', jwks_uri })).toMatchObject({
      application_type: 'web',
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri,
    });
    expect(read({ redirect_uris, jwks_uri })).not.toHaveProperty('jwks_uri');
  });

  it('that says nothing of authentication is of a public client', () => {
    expect(read({})).toMatchObject({ token_endpoint_auth_method: 'none' });
  });

  it('gives a name that can be shown', () => {
    expect(read({ client_name: 'Good\u202Etxt' })).toMatchObject({ client_name: 'Goodtxt' });
  });

  it.each([
    ['another client_id', { client_id: `${URL}x` }],
    ['no client_id', { client_id: undefined }],
    ['a secret', { client_secret: 's' }],
    ["a secret's end", { client_secret_expires_at: 0 }],
    ['a shared way to authenticate', { token_endpoint_auth_method: 'client_secret_post' }],
    ['an HMAC way to authenticate', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['a logo in the clear', { logo_uri: 'http://client.example/logo.png' }],
    ['a logo that is a script', { logo_uri: 'javascript:alert(1)' }],
    ['keys in the clear', { jwks_uri: 'http://client.example/keys' }],
    ['no redirects', { redirect_uris: [] }],
    ['a dangerous redirect', { redirect_uris: ['javascript:alert(1)'] }],
    ['a redirect in the clear', { redirect_uris: ['http://client.example/callback'] }],
  ])('with %s is refused', (_what, members) => {
    expect(() => read(members)).toThrow('invalid_client');
  });

  it.each(['', 'null', '[]', '"x"', '{', '<html>'])('that is %j is refused', (text) => {
    expect(() => readDocument(URL, text)).toThrow('invalid_client');
  });
});

describe('a document is good for', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  it.each<[string, Record<string, string>, number]>([
    ['what max-age says', { 'cache-control': 'public, max-age=3600' }, 3_600],
    ['what is left of it', { 'cache-control': 'max-age=3600', age: '600' }, 3_000],
    ['5 minutes at least', { 'cache-control': 'max-age=0' }, 300],
    ['5 minutes if it may not be kept', { 'cache-control': 'no-store' }, 300],
    ['a day at most', { 'cache-control': 'max-age=31536000' }, 86_400],
    ['a day at most, whatever the number', { 'cache-control': `max-age=${'9'.repeat(400)}` }, 86_400],
    ['until it expires', { expires: 'Tue, 24 Nov 2026 13:00:00 GMT' }, 3_600],
    ['5 minutes if it has expired', { expires: '0' }, 300],
    ['5 minutes if nothing is said', {}, 300],
  ])('%s', (_what, headers, seconds) => {
    expect(freshSeconds(new Headers(headers), now)).toBe(seconds);
  });
});
