import type { Bus } from '@gatehouse/bus';
import { endSignIn, listApprovals, listSignIns, withdrawApproval } from '@gatehouse/contracts';
import { approve, Browser, OAuthClient, shown } from '@gatehouse/testing';
import { decodeJwt } from 'jose';
import { addPerson, startAuth, type AuthServer, type TestPerson } from '../../../test/auth-server.js';

let server: AuthServer;
let bus: Bus;
const tenant = 'demo';
beforeAll(async () => {
  server = await startAuth();
  bus = server.connect('console');
}, 30_000);
afterAll(() => server?.close());

interface SignedIn {
  readonly client: OAuthClient;
  readonly refresh: () => Promise<unknown>;
  readonly grant: unknown;
}

/** One installation signs in: several of one client share its id. */
async function signIn(
  person: TestPerson,
  client: OAuthClient,
  resource = server.resource(),
): Promise<SignedIn> {
  const request = client.authorization({ resource });
  const tokens = await client.exchange(await approve(new Browser(), request, person), request);
  let { refresh_token } = tokens;
  const refresh = async () => ({ refresh_token } = await client.refresh(refresh_token));
  return { client, refresh, grant: decodeJwt(tokens.access_token)['gid'] };
}

const newClient = () => OAuthClient.register(server.metadata, { registration: { client_name: 'Cursor' } });
const signIns = async (person: string) => (await bus.request(listSignIns, { tenant, person })).items;
const approvals = async (person: string) => (await bus.request(listApprovals, { tenant, person })).items;

describe('a sign-in of a client', () => {
  it('is shown to its person with what it is for', async () => {
    const someone = await addPerson(server);
    const { client, grant, refresh } = await signIn(someone, await newClient());
    await refresh();
    expect(await signIns(someone.id)).toEqual([
      {
        id: grant,
        client: { id: client.clientId, name: 'Cursor' },
        redirectHosts: ['127.0.0.1'],
        resource: server.resource(),
        scopes: ['mcp:read', 'mcp:call'],
        created: expect.any(String) as unknown,
        lastUsed: expect.any(String) as unknown,
      },
    ]);
  });

  it('is ended alone: another installation of the same client goes on', async () => {
    const someone = await addPerson(server);
    const client = await newClient();
    const [one, other] = [await signIn(someone, client), await signIn(someone, client)];
    await bus.request(endSignIn, { tenant, person: someone.id, id: String(one.grant) });
    await server.toldEndOf('grant', one.grant);
    await expect(one.refresh()).rejects.toThrow('invalid_grant');
    await expect(other.refresh()).resolves.toBeDefined();
    expect(await signIns(someone.id)).toMatchObject([{ id: other.grant }]);
  });

  it('of somebody else is as unknown as none', async () => {
    const [mine, theirs] = [await addPerson(server), await addPerson(server)];
    const { grant, refresh } = await signIn(theirs, await newClient());
    for (const id of [String(grant), 'nonsense'])
      await expect(bus.request(endSignIn, { tenant, person: mine.id, id })).rejects.toMatchObject({
        code: 'auth.unknown_sign_in',
      });
    await expect(refresh()).resolves.toBeDefined();
    expect(await signIns(mine.id)).toEqual([]);
  });
});

describe('an approval', () => {
  it('that is withdrawn ends the client’s sign-ins at that server, and is asked for again', async () => {
    const someone = await addPerson(server);
    const client = await newClient();
    const [here, there] = [
      await signIn(someone, client),
      await signIn(someone, client, server.resource('another')),
    ];
    const other = await signIn(someone, await newClient());
    const [approval] = (await approvals(someone.id)).filter(
      ({ resource, client: { id } }) => resource === server.resource() && id === client.clientId,
    );
    expect(approval).toMatchObject({
      ...{ client: { id: client.clientId, name: 'Cursor' }, redirectHost: '127.0.0.1' },
      scopes: ['mcp:read', 'mcp:call'],
    });
    await bus.request(withdrawApproval, { tenant, person: someone.id, id: approval?.id ?? '' });
    await server.toldEndOf('grant', here.grant);
    await expect(here.refresh()).rejects.toThrow('invalid_grant');
    await expect(there.refresh()).resolves.toBeDefined();
    await expect(other.refresh()).resolves.toBeDefined();
    const browser = new Browser();
    const { url } = client.authorization({ resource: server.resource() });
    const page = shown(await browser.open(url, client.redirectUri));
    const values = { Email: someone.email, Password: someone.password };
    const asked = await browser.press(page, 'Sign in', { values, until: client.redirectUri });
    expect(shown(asked).html).toContain('>Approve</button>');
  });

  it('of somebody else is as unknown as none', async () => {
    const [mine, theirs] = [await addPerson(server), await addPerson(server)];
    await signIn(theirs, await newClient());
    const [approval] = await approvals(theirs.id);
    for (const id of [approval?.id ?? '', 'nonsense'])
      await expect(bus.request(withdrawApproval, { tenant, person: mine.id, id })).rejects.toMatchObject({
        code: 'auth.unknown_approval',
      });
    expect(await approvals(theirs.id)).toHaveLength(1);
  });
});
