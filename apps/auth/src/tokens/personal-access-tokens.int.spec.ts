import { randomUUID } from 'node:crypto';
import { TransportKey } from '@gatehouse/bus';
import {
  createToken,
  introspectToken,
  listEndedAccess,
  listKeys,
  listTokens,
  NewTokenSecret,
  revokeToken,
} from '@gatehouse/contracts';
import { addPerson, startAuth, type AuthServer, type TestPerson } from '../../test/auth-server.js';
import { digest } from '../opaque-secret.js';

let server: AuthServer;
beforeAll(async () => {
  server = await startAuth();
});
afterAll(() => server.close());

const asConsole = () => server.connect('console');
const introspect = (token: string) =>
  server.connect('edge').request(introspectToken, { hash: digest(token) });

async function newToken(person: TestPerson, name = 'laptop') {
  const key = await TransportKey.create();
  const request = { tenant: person.tenant, person: person.id, name, recipient: key.publicJwk };
  const { token, sealed } = await asConsole().request(createToken, request);
  return { ...token, value: (await key.open(sealed, NewTokenSecret)).token };
}

describe('a personal access token', () => {
  it('tells whose it is', async () => {
    const person = await addPerson(server, { teams: ['platform'] });
    const token = await newToken(person);
    expect(token.value).toMatch(/^gatehouse_pat_[\w-]{43}$/);
    expect(await introspect(token.value)).toEqual({
      tenant: 'demo',
      subject: { type: 'user', id: person.id, name: person.email },
      teams: ['platform'],
      admin: false,
      token: token.id,
      expires: token.expires,
    });
    const days = (Date.parse(token.expires ?? '') - Date.parse(token.created)) / 86_400_000;
    expect(days).toBe(90);
  });

  it('is listed for its owner, without its value, with its last use', async () => {
    const person = await addPerson(server);
    const token = await newToken(person, 'ci');
    const list = async () =>
      (await asConsole().request(listTokens, { tenant: 'demo', person: person.id })).items;
    expect(await list()).toEqual([
      { id: token.id, name: 'ci', created: token.created, expires: token.expires, lastUsed: null },
    ]);
    await introspect(token.value);
    // The note is written while nobody waits.
    for (let looks = 0; looks < 500 && (await list())[0]?.lastUsed === null; looks += 1);
    expect((await list())[0]?.lastUsed).not.toBeNull();
    const other = await addPerson(server);
    expect(await asConsole().request(listTokens, { tenant: 'demo', person: other.id })).toEqual({
      items: [],
    });
  });

  it('is over once it is revoked, and every edge is told', async () => {
    const person = await addPerson(server);
    const token = await newToken(person);
    const mine = { tenant: 'demo', person: person.id, id: token.id };
    const stranger = await addPerson(server);
    await expect(asConsole().request(revokeToken, { ...mine, person: stranger.id })).rejects.toMatchObject({
      code: 'auth.unknown_token',
    });
    await asConsole().request(revokeToken, mine);
    await expect(introspect(token.value)).rejects.toMatchObject({ code: 'auth.unknown_token' });
    await expect(asConsole().request(revokeToken, mine)).rejects.toMatchObject({
      code: 'auth.unknown_token',
    });
    const ended = { tenant: 'demo', kind: 'token', id: token.id, before: expect.any(Number) as unknown };
    expect(await server.toldEndOf('token', token.id)).toEqual(ended);
    expect((await server.connect('edge').request(listEndedAccess, {})).items).toContainEqual(ended);
  });

  it('that was never made cannot be revoked, whatever its id looks like', async () => {
    const { id: person } = await addPerson(server);
    for (const id of ['nonsense', randomUUID()])
      await expect(asConsole().request(revokeToken, { tenant: 'demo', person, id })).rejects.toMatchObject({
        code: 'auth.unknown_token',
      });
    await expect(introspect('gatehouse_pat_nonsense')).rejects.toMatchObject({ code: 'auth.unknown_token' });
  });

  it.each([
    ['expired', "UPDATE personal_access_token SET expires = now() - interval '1 s' WHERE person = $1"],
    ['of somebody suspended', 'UPDATE person SET suspended = true WHERE id = $1'],
    ['of somebody who is gone', 'DELETE FROM person WHERE id = $1'],
  ])('that is %s is unknown', async (_what, change) => {
    const person = await addPerson(server);
    const token = await newToken(person);
    await expect(introspect(token.value)).resolves.toBeDefined();
    await server.sql(change, [person.id]);
    await expect(introspect(token.value)).rejects.toMatchObject({ code: 'auth.unknown_token' });
  });

  it('is not made for a person of another tenant', async () => {
    await server.sql("INSERT INTO tenant (name) VALUES ('other') ON CONFLICT DO NOTHING");
    const person = await addPerson(server, { tenant: 'other' });
    await expect(newToken({ ...person, tenant: 'demo' })).rejects.toMatchObject({
      code: 'auth.unknown_person',
    });
  });
});

it('signing keys are told without their private part', async () => {
  const { issuer, keys } = await server.connect('edge').request(listKeys, {});
  expect(issuer).toBe(server.origin);
  expect(keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']]);
});
