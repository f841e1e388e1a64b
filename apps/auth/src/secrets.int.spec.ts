import { TransportKey } from '@gatehouse/bus';
import { createToken, NewTokenSecret } from '@gatehouse/contracts';
import { approve, Browser, OAuthClient } from '@gatehouse/testing';
import { ADMIN, addPerson, startAuth, type AuthServer } from '../test/auth-server.js';

let server: AuthServer;
beforeAll(async () => {
  server = await startAuth();
});
afterAll(() => server.close());

/** Every row of every table as one text. */
async function everything(): Promise<string> {
  const tables = await server.sql<{ name: string }>(
    "SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'",
  );
  const texts = [];
  for (const { name } of tables)
    texts.push(...(await server.sql<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)));
  return texts.map(({ row }) => row).join('\n');
}

it('no secret of anybody is in the database', async () => {
  const person = await addPerson(server);
  const client = await OAuthClient.register(server.metadata);
  const browser = new Browser();
  const request = client.authorization({ resource: server.resource() });
  const redirect = await approve(browser, request, person);
  const unused = client.authorization({ resource: server.resource() });
  const code = (await approve(browser, unused, person)).searchParams.get('code') ?? '';
  const tokens = await client.exchange(redirect, request);
  const rotated = await client.refresh(tokens.refresh_token);
  const waiting = client.authorization({ resource: server.resource(), prompt: 'consent' });
  await browser.open(waiting.url);
  const key = await TransportKey.create();
  const { sealed } = await server.connect('console').request(createToken, {
    ...{ tenant: 'demo', person: person.id, name: 'x', recipient: key.publicJwk },
  });
  const [, session = ''] = /gatehouse_session=([^;]+)/.exec(browser.cookieHeader(request.url)) ?? [];
  const secrets = {
    password: person.password,
    code,
    spentCode: redirect.searchParams.get('code') ?? '',
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    rotated: rotated.refresh_token,
    session,
    personalAccessToken: (await key.open(sealed, NewTokenSecret)).token,
    adminPassword: ADMIN.password,
  };
  const dump = await everything();
  expect(dump).toContain(person.email);
  expect(dump).toContain(client.clientId);
  expect(dump).toContain('codeChallenge');
  for (const [name, secret] of Object.entries(secrets)) {
    expect([name, secret.length > 15]).toEqual([name, true]);
    expect([name, dump.includes(secret)]).toEqual([name, false]);
  }
});
