import { TransportKey } from '@gatehouse/bus';
import {
  createServiceAccount,
  createServiceAccountToken,
  createToken,
  NewTokenSecret,
} from '@gatehouse/contracts';
import { startAuth, type AuthServer } from './auth-server.js';
import { ScimClient } from './scim-client.js';

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';

let count = 0;
/** An e-mail address that nobody has. */
export const address = () => `someone-${++count}@example.com`;

/** A user as Okta creates one. */
export const oktaUser = (email: string, more = {}) => ({
  schemas: [USER],
  userName: email,
  name: { givenName: 'Test', familyName: 'User' },
  emails: [{ primary: true, value: email, type: 'work' }],
  displayName: 'Test User',
  locale: 'en-US',
  externalId: `00u-${email}`,
  groups: [],
  password: '1mz050nq',
  active: true,
  ...more,
});

/** The authorization server, and an identity provider that may provision the people of `demo`. */
export class ScimRig {
  private constructor(
    readonly server: AuthServer,
    readonly idp: ScimClient,
    /** The identity provider's token. */
    readonly token: string,
  ) {}

  static async start(): Promise<ScimRig> {
    const server = await startAuth();
    const token = await machineToken(server, ['scim']);
    return new ScimRig(server, new ScimClient(server, token), token);
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** Provisions a user. */
  async made(more = {}, email = address()): Promise<{ id: string; email: string }> {
    const { status, body } = await this.idp.post('Users', oktaUser(email, more));
    expect(status).toBe(201);
    return { id: String(body['id']), email };
  }

  /** A person as the database has them; teams as `<name>:<source>`. */
  async person(id: unknown): Promise<Record<string, unknown> | undefined> {
    const [row] = await this.server.sql(
      `SELECT email, name, suspended, generation, external_id AS "externalId",
         (SELECT coalesce(json_agg(team || ':' || source ORDER BY team), '[]')
          FROM team_member WHERE person = person.id) AS teams
       FROM person WHERE id::text = $1`,
      [id],
    );
    return row;
  }
}

/** A personal access token's value. */
export async function personalToken(server: AuthServer, person: string): Promise<string> {
  const key = await TransportKey.create();
  const made = await server
    .connect('console')
    .request(createToken, { tenant: 'demo', person, name: 'a token', recipient: key.publicJwk });
  return (await key.open(made.sealed, NewTokenSecret)).token;
}

/** The value of a token of a new service account. */
export async function machineToken(server: AuthServer, roles: ('admin' | 'scim')[]): Promise<string> {
  const bus = server.connect('console');
  const account = { tenant: 'demo', name: `machine-${++count}`, by: 'a test' };
  const settings = { description: '', teams: [], roles, clients: [], suspended: false };
  await bus.request(createServiceAccount, { ...account, settings });
  const key = await TransportKey.create();
  const recipient = key.publicJwk;
  const made = await bus.request(createServiceAccountToken, { ...account, token: 'a token', recipient });
  return (await key.open(made.sealed, NewTokenSecret)).token;
}
