import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatehouse } from './command-line.js';
import { ADMIN, Installation, SHAPES, type ReadyLine } from './shape.js';

const YAML = `
type: service-account
name: ci
description: Builds and deploys
teams: [platform]
---
type: team
name: platform
members: [jane@corp.example, joe@corp.example]
---
type: identity-provider
name: okta
preset: okta
issuer: https://corp.okta.com
client_id: 0oa1
client_secret: \${OKTA_CLIENT_SECRET}
domains: [corp.example]
---
type: mcp-server/remote
name: tickets
url: https://tickets.example.com/mcp
collaborators: [{ subject: 'team:platform', role_id: mcp-server-user }]
`;
const SECRET = 'a-client-secret-that-nobody-may-read';

describe.each(SHAPES)('GATEHOUSE_APPLY on a new data folder, %s', (shape) => {
  let folder: string;
  let gate: Installation & ReadyLine;
  let GATEHOUSE_TOKEN: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-access-'));
    await writeFile(join(folder, 'start.yaml'), YAML);
    const env = { GATEHOUSE_APPLY: join(folder, 'start.yaml'), OKTA_CLIENT_SECRET: SECRET };
    gate = await Installation.start(shape, { env });
    const who = ['--email', ADMIN.email, '--password', ADMIN.password, '--name', 'e2e', '--json'];
    const made = await gatehouse(['token', 'create', ...who], { GATEHOUSE_URL: gate.url });
    GATEHOUSE_TOKEN = (JSON.parse(made.stdout) as { token: string }).token;
  });
  afterAll(async () => {
    await gate?.stop();
    await rm(folder, { recursive: true });
  });

  async function items(path: string): Promise<unknown[]> {
    const headers = { authorization: `Bearer ${GATEHOUSE_TOKEN}` };
    const response = await fetch(`${gate.url}/api/v1${path}`, { headers });
    return ((await response.json()) as { items: unknown[] }).items;
  }
  const everything = () =>
    Promise.all(['/groups', '/users', '/service-accounts', '/identity-providers'].map(items));
  async function apply(yaml: string, ...args: string[]) {
    const file = join(folder, 'applied.yaml');
    await writeFile(file, yaml);
    return gatehouse(['apply', '-f', file, ...args], { GATEHOUSE_URL: gate.url, GATEHOUSE_TOKEN });
  }

  it('makes the team and its people, the service account, the provider and the server', async () => {
    const [groups, users, accounts, providers] = await everything();
    expect(groups).toMatchObject([{ name: 'platform', members: 2 }]);
    const platform = [{ name: 'platform', sources: ['local'] }];
    expect(users).toMatchObject([
      { email: ADMIN.email, teams: [] },
      { email: 'jane@corp.example', admin: false, teams: platform },
      { email: 'joe@corp.example', admin: false, teams: platform },
    ]);
    expect(accounts).toMatchObject([{ name: 'ci', description: 'Builds and deploys', teams: ['platform'] }]);
    expect(providers).toMatchObject([{ name: 'okta', client_id: '0oa1', has_client_secret: true }]);
    expect(await items('/servers')).toContainEqual(expect.objectContaining({ name: 'tickets' }));
    expect(gate.output + JSON.stringify([groups, users, accounts, providers])).not.toContain(SECRET);
  });

  it('finds nothing to change in the same again', async () => {
    const { code, stdout } = await apply(YAML);
    expect([code, stdout.trim().split('\n')]).toEqual([
      0,
      [
        ...['= service-account ci', '= team platform', '= identity-provider okta'],
        '= mcp-server/remote tickets',
      ],
    ]);
  });

  it('changes nothing in a dry run, and says what would be', async () => {
    const before = await everything();
    const yaml = YAML.replace('jane@', 'ada@')
      .replace('Builds and deploys', 'Builds')
      .replace('0oa1', '0oa2');
    const { code, stdout } = await apply(yaml, '--dry-run');
    expect([code, stdout.trim().split('\n')]).toEqual([
      0,
      [
        '~ service-account ci',
        '    description: Builds and deploys -> Builds',
        '~ team platform',
        '    members: ["jane@corp.example","joe@corp.example"] -> ["ada@corp.example","joe@corp.example"]',
        '~ identity-provider okta',
        '    client_id: 0oa1 -> 0oa2',
        '= mcp-server/remote tickets',
      ],
    ]);
    expect(await everything()).toEqual(before);
  });

  it('names the document at fault, and changes nothing', async () => {
    const before = await everything();
    const yaml = YAML.replace('jane@', 'ada@').replace('teams: [platform]', 'teams: [nowhere]');
    const { code, stderr } = await apply(yaml);
    expect(code).toBe(1);
    expect(stderr).toContain('document 1 (ci): teams[0]: there is no team nowhere');
    expect(await everything()).toEqual(before);
  });
});
