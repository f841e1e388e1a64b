import { TransportKey } from '@gatehouse/bus';
import {
  blockClient,
  changeClient,
  createClient,
  deleteClient,
  Failure,
  listClients,
  NewClientSecret,
  showClient,
  type Client,
} from '@gatehouse/contracts';
import { approve, Browser, OAuthClient, shown, type Tokens } from '@gatehouse/testing';
import { addPerson, ADMIN, startAuth, type AuthServer, type TestPerson } from '../../test/auth-server.js';

let server: AuthServer;
let key: TransportKey;
let stranger: TestPerson;
beforeAll(async () => {
  server = await startAuth();
  key = await TransportKey.create();
  await server.sql("INSERT INTO tenant (name) VALUES ('acme')");
  stranger = await addPerson(server, { tenant: 'acme' });
});
afterAll(() => server.close());

const REDIRECT = 'http://127.0.0.1/callback';
const SETTINGS = { name: 'Our agent', redirectUris: [REDIRECT], jwksUri: null };
const console = () => server.connect('console');
const mine = { tenant: 'demo', by: 'p1' };

async function create(authentication: Client['authentication'], settings = {}) {
  const { client, sealed } = await console().request(createClient, {
    ...mine,
    authentication,
    settings: { ...SETTINGS, ...settings },
    recipient: key.publicJwk,
  });
  return { client, secret: sealed === null ? null : (await key.open(sealed, NewClientSecret)).secret };
}

const knownAs = (id: string) => OAuthClient.known(server.metadata, id, { redirectUri: REDIRECT });

async function signIn(
  client: OAuthClient,
  person: { email: string; password: string } = ADMIN,
): Promise<Tokens> {
  const request = client.authorization({ resource: server.resource() });
  return client.exchange(await approve(new Browser(), request, person), request);
}

/** What somebody sees who signs in with the client. */
async function pageAfterSignIn(client: OAuthClient, person = ADMIN, tenant = 'demo') {
  const browser = new Browser();
  const request = client.authorization({ resource: server.resource('everything', tenant) });
  const values = { Email: person.email, Password: person.password };
  return shown(await browser.press(shown(await browser.open(request.url)), 'Sign in', { values }));
}

const failure = (answer: Promise<unknown>) =>
  answer.then(
    () => 'none',
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  );

describe('a client that an administrator makes', () => {
  it('signs people of the tenant in without having registered', async () => {
    const { client, secret } = await create('none');
    expect(secret).toBeNull();
    expect(client).toMatchObject({ source: 'administrator', name: 'Our agent', people: 0, blocked: false });
    const tokens = await signIn(knownAs(client.id));
    await expect(knownAs(client.id).refresh(tokens.refresh_token)).resolves.toBeDefined();
    const seen = await console().request(showClient, { tenant: 'demo', id: client.id });
    expect(seen).toMatchObject({ people: 1, lastApproved: expect.any(String) as unknown });
  });

  it('proves itself by a secret that is shown once and kept as a hash', async () => {
    const { client, secret } = await create('client_secret_post');
    expect(secret).toMatch(/^gatehouse_cs_[\w-]{43}$/);
    const [row] = await server.sql<{ text: string }>(
      'SELECT metadata::text AS text FROM client WHERE id = $1',
      [client.id],
    );
    expect(row?.text).not.toContain(secret);
    const ask = async (client_secret: string) => {
      const form = { grant_type: 'refresh_token', refresh_token: 'x', client_secret };
      return ((await (await knownAs(client.id).token(form)).json()) as { error: string }).error;
    };
    expect([await ask(secret ?? ''), await ask(`${secret}x`)]).toEqual(['invalid_grant', 'invalid_client']);
  });

  it('is for the servers of its tenant alone', async () => {
    const { client } = await create('none');
    const page = await pageAfterSignIn(knownAs(client.id), stranger, 'acme');
    expect(page.status).toBe(403);
    expect(page.html).toContain('does not allow Our agent');
    const events = await server.sql(
      "SELECT subject FROM security_event WHERE kind = 'client.refused' AND client = $1",
      [client.id],
    );
    expect(events).toEqual([{ subject: stranger.id }]);
  });

  it('changes in what is named alone, and what it says then counts', async () => {
    const { client } = await create('none');
    const redirectUris = ['https://agent.example/callback'];
    const changed = await console().request(changeClient, {
      ...mine,
      id: client.id,
      changes: { redirectUris },
    });
    expect(changed).toEqual({ ...client, redirectUris });
    const request = knownAs(client.id).authorization({ resource: server.resource() });
    expect(shown(await new Browser().open(request.url)).html).toContain('unknown address');
  });

  it.each([
    ['none', { redirectUris: ['http://agent.example/callback'] }],
    ['none', { redirectUris: ['javascript:alert(1)'] }],
    ['none', { jwksUri: 'https://agent.example/keys' }],
    ['private_key_jwt', {}],
  ] as const)('is refused with faulty settings: %s %j', async (authentication, settings) => {
    expect(await failure(create(authentication, settings))).toBe('auth.invalid_client_metadata');
  });

  it('is gone when it is deleted, with what it holds, on every edge', async () => {
    const { client } = await create('none');
    const tokens = await signIn(knownAs(client.id));
    await console().request(deleteClient, { ...mine, id: client.id });
    expect((await server.toldEndOf('client', client.id)).tenant).toBe('demo');
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    expect(await (await knownAs(client.id).token(refresh)).json()).toMatchObject({ error: 'invalid_client' });
    expect(await failure(console().request(showClient, { tenant: 'demo', id: client.id }))).toBe(
      'auth.unknown_client',
    );
  });
});

describe('a client that registered itself', () => {
  it('is seen by the tenants whose people approved it, and ends in one without ending in the other', async () => {
    const client = await OAuthClient.register(server.metadata);
    const { clientId: id } = client;
    expect(await failure(console().request(showClient, { tenant: 'demo', id }))).toBe('auth.unknown_client');
    const ours = await signIn(client);
    const request = client.authorization({ resource: server.resource('everything', 'acme') });
    const theirs = await client.exchange(await approve(new Browser(), request, stranger), request);
    for (const tenant of ['demo', 'acme'])
      expect(await console().request(showClient, { tenant, id })).toMatchObject({
        source: 'registration',
        people: 1,
      });
    await console().request(deleteClient, { ...mine, id });
    await server.toldEndOf('client', id);
    const refresh = { grant_type: 'refresh_token', refresh_token: ours.refresh_token };
    expect(await (await client.token(refresh)).json()).toMatchObject({ error: 'invalid_grant' });
    await expect(client.refresh(theirs.refresh_token)).resolves.toBeDefined();
    expect((await pageAfterSignIn(client)).html).toContain('>Approve</button>');
  });

  it('may be blocked for a tenant, and be let in again', async () => {
    const client = await OAuthClient.register(server.metadata);
    const { clientId: id } = client;
    const { refresh_token } = await signIn(client);
    const before = Date.now();
    expect(await console().request(blockClient, { ...mine, id, blocked: true })).toMatchObject({
      blocked: true,
    });
    await server.toldEndOf('client', id);
    expect(Date.now() - before).toBeLessThan(1_000);
    const refused = await client.token({ grant_type: 'refresh_token', refresh_token });
    expect(await refused.json()).toMatchObject({ error: 'invalid_grant' });
    expect((await pageAfterSignIn(client)).html).toContain('does not allow Test client');
    const elsewhere = await pageAfterSignIn(client, stranger, 'acme');
    expect(elsewhere.html).toContain('>Approve</button>');
    await console().request(blockClient, { ...mine, id, blocked: false });
    await expect(signIn(client)).resolves.toBeDefined();
  });

  it('can be changed by no tenant', async () => {
    const client = await OAuthClient.register(server.metadata);
    await signIn(client);
    const changes = { redirectUris: ['https://evil.example/callback'] };
    const asked = console().request(changeClient, { ...mine, id: client.clientId, changes });
    expect(await failure(asked)).toBe('auth.unknown_client');
  });
});

it('a document may be blocked before anybody has used it', async () => {
  const id = 'https://client.example/oauth/client.json';
  const blocked = await console().request(blockClient, { ...mine, id, blocked: true });
  expect(blocked).toMatchObject({ id, name: id, source: 'document', blocked: true });
  expect(await console().request(showClient, { tenant: 'demo', id })).toEqual(blocked);
});

describe('the clients of another tenant', () => {
  it('are unknown, just like those that do not exist', async () => {
    const { client } = await create('none');
    const other = { tenant: 'acme', by: 'p2' };
    for (const id of [client.id, 'nobody'])
      expect([
        await failure(console().request(showClient, { tenant: 'acme', id })),
        await failure(console().request(changeClient, { ...other, id, changes: { name: 'x' } })),
        await failure(console().request(deleteClient, { ...other, id })),
        await failure(console().request(blockClient, { ...other, id, blocked: true })),
      ]).toEqual(Array(4).fill('auth.unknown_client'));
    expect(await console().request(showClient, { tenant: 'demo', id: client.id })).toEqual(client);
  });

  it('are in no list but theirs, which comes in pages', async () => {
    const made = [];
    for (let i = 0; i < 3; i += 1) made.push((await create('none')).client.id);
    const all: string[] = [];
    let after: string | null = null;
    do {
      const page: { items: Client[]; next: string | null } = await console().request(listClients, {
        ...{ tenant: 'demo', limit: 2, after },
      });
      expect(page.items.length).toBeLessThanOrEqual(2);
      all.push(...page.items.map(({ id }) => id));
      after = page.next;
    } while (after !== null);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toEqual(expect.arrayContaining(made));
    const theirs = await console().request(listClients, { tenant: 'acme', limit: 100, after: null });
    for (const { id } of theirs.items) expect(made).not.toContain(id);
  });
});
