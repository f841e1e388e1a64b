import { Failure } from '@gatehouse/contracts';
import { remoteServer, sharedKey } from '../../test/start-policy.js';
import { numbered, readManifests } from './read-manifests.js';

function faultsOf(...documents: unknown[]): string[] {
  try {
    readManifests(numbered(documents));
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).code).toBe('policy.invalid_manifest');
    return (error as Failure).message.split('\n');
  }
}

const read = (document: object) => readManifests(numbered([document]))[0]?.manifest;

/** The faults of one server, without the label that all share. */
const faultsIn = (given: object) =>
  faultsOf(remoteServer('s', given)).map((line) => line.replace('document 1 (s): ', ''));

describe('reading manifests', () => {
  beforeAll(() => {
    process.env['TEST_UPSTREAM_KEY'] = 'k-123';
    process.env['TEST_MULTILINE'] = 'a\r\nInjected: yes';
  });
  afterAll(() => {
    delete process.env['TEST_UPSTREAM_KEY'];
    delete process.env['TEST_MULTILINE'];
  });

  it('takes every supported member', () => {
    const full = remoteServer('github', {
      description: 'Code',
      auth_data: sharedKey('Bearer ${TEST_UPSTREAM_KEY}'),
      additional_headers: { 'X-Team': 'a b' },
      tool_settings: [{ name: 'delete_repo', disabled: true }],
      tool_policy: { enable_tools_by_default: false, enabled_tools: ['search'] },
      collaborators: [
        { subject: 'user:Jane@X.com', role_id: 'mcp-server-manager' },
        { subject: 'team:Dev Ops', role_id: 'mcp-server-user', tools: ['search'] },
        { subject: 'serviceaccount:ci', role_id: 'mcp-server-user' },
      ],
      scopes: [{ name: 'deploy', description: 'Put code into production', tools: ['deploy', 'rollback'] }],
      tags: { env: 'prod' },
    });
    expect(read(full)).toMatchObject({
      auth_data: { headers: { Authorization: 'Bearer k-123' } },
      collaborators: [{ subject: 'user:jane@x.com' }, { subject: 'team:Dev Ops' }, {}],
    });
  });

  it('names the document, its name and the place of every fault of all documents at once', () => {
    expect(
      faultsOf(
        remoteServer('good'),
        remoteServer('bad', {
          colaborators: [],
          url: 'ftp://x',
          collaborators: [{ subject: 'jane', role_id: 'owner' }],
        }),
        { type: 'mcp-server/remote', url: 'https://x' },
        'text',
        { type: 'mcp-server/magic', name: 'm' },
        remoteServer('good'),
      ),
    ).toEqual([
      'document 2 (bad): url: must begin with https:// or http://',
      'document 2 (bad): collaborators[0].subject: must be user:<e-mail>, team:<name> or serviceaccount:<name>',
      expect.stringMatching(/^document 2 \(bad\): collaborators\[0\].role_id: Invalid option/),
      'document 2 (bad): colaborators: is no known member',
      expect.stringMatching(/^document 3: name: Invalid input/),
      'document 4: type: is missing',
      'document 5 (m): type: is no known kind of manifest',
      'document 6 (good): name: is taken by document 1',
    ]);
  });

  it.each(['mcp-server/virtual', 'mcp-server/openapi', 'mcp-server/stdio', 'rate-limit', 'guardrail'])(
    'says that %s is not supported by this version',
    (type) => {
      expect(faultsOf({ type, name: 'x' })).toEqual([
        `document 1 (x): type: ${type} is not supported by this version`,
      ]);
    },
  );

  it.each<[string, object, string]>([
    [
      'another way of authentication',
      { auth_data: { type: 'oauth2', grant_type: 'x' } },
      'auth_data.type: is not supported by this version, other than header',
    ],
    [
      'a credential per user',
      { auth_data: { ...sharedKey('x'), auth_level: 'per_user' } },
      'auth_data.auth_level: is not supported by this version, other than global',
    ],
    [
      'settings for TLS',
      { tls_settings: { reject_unauthorized: false } },
      'tls_settings: is not supported by this version',
    ],
    [
      'descriptions of tools',
      { tool_settings: [{ name: 't', description: 'd' }] },
      'tool_settings[0].description: is not supported by this version',
    ],
    [
      'a store of secrets',
      { auth_data: sharedKey('secret://vault/key') },
      'auth_data.headers.Authorization: secret:// is not supported by this version: use ${ENV_NAME}',
    ],
  ])('says that %s is not supported, and does not overlook it', (_, given, fault) => {
    expect(faultsIn(given)).toEqual([fault]);
  });

  it.each(['read', 'call', 'Deploy', 'mcp:deploy', 'a b', '', '1st', 'a'.repeat(41)])(
    'takes no scope named "%s"',
    (name) => {
      const scopes = [{ name, description: 'x', tools: ['drop'] }];
      expect(faultsIn({ scopes })).toEqual([expect.stringContaining('scopes[0].name: must be')]);
    },
  );

  it.each<[string, unknown]>([
    ['is no URL', 'example.com/mcp'],
    ['is no URL', ' https://x.com'],
    ['is no URL', 'https://x.com/\r\nHost:y'],
    ['must begin with https:// or http://', 'file:///etc/passwd'],
    ['may not hold a user name or password: use auth_data', 'https://a:b@x.com'],
    ['may not hold a fragment (#)', 'https://x.com/#'],
    ['may not hold a variable: it is kept in clear', 'https://x.com/?k=${TEST_UPSTREAM_KEY}'],
  ])('refuses a URL that %s', (fault, url) => {
    expect(faultsIn({ url })).toEqual([`url: ${fault}`]);
  });

  it.each([
    'Host',
    'connection',
    'Transfer-Encoding',
    'content-type',
    'Content-Length',
    'MCP-Session-Id',
    'x-tfy-api-key',
    'X-Forwarded-For',
    'Proxy-Authorization',
  ])('lets nobody set %s', (name) => {
    expect(faultsIn({ additional_headers: { [name]: 'x' } })).toEqual([
      `additional_headers.${name}: may not be set`,
    ]);
    expect(faultsIn({ auth_data: sharedKey('x', name) })).toEqual([
      `auth_data.headers.${name}: may not be set`,
    ]);
  });

  it('keeps credentials out of the headers that are stored in clear', () => {
    const [first, second] = faultsIn({ additional_headers: { authorization: 'Bearer x', Cookie: 'a=b' } });
    expect(first).toContain('additional_headers.authorization: carries a credential');
    expect(second).toContain('additional_headers.Cookie: carries a credential');
    expect(faultsIn({ additional_headers: { 'X-Key': '${TEST_UPSTREAM_KEY}' } })[0]).toContain(
      'is no secret',
    );
  });

  it.each(['a b', 'a:b', 'ä', ''])('refuses the header name %j', (name) => {
    expect(faultsIn({ additional_headers: { [name]: 'x' } })).toEqual([
      `additional_headers.${name}: is no header name`,
    ]);
  });

  it('refuses a header that is there twice in other capitals', () => {
    expect(faultsIn({ additional_headers: { 'X-A': '1', 'x-a': '2' } })).toEqual([
      'additional_headers.x-a: is repeated',
    ]);
  });

  it('refuses values that would break out of a header, and never quotes them', () => {
    for (const value of ['hush\r\nX: y', 'hush\0', 'hüsh', ' hush', '${TEST_MULTILINE}']) {
      const faults = faultsIn({ auth_data: sharedKey(value) });
      expect(faults).toHaveLength(1);
      expect(faults[0]).toContain('auth_data.headers.Authorization: must be visible ASCII');
      expect(faults[0]).not.toMatch(/hush|Injected/);
    }
  });

  it('names a variable that is not set', () => {
    expect(faultsIn({ auth_data: sharedKey('Bearer ${TEST_NOT_THERE}') })).toEqual([
      'auth_data.headers.Authorization: ${TEST_NOT_THERE} is not set in the environment of the policy service',
    ]);
  });

  it.each([
    'DATABASE_URL',
    'GATEHOUSE_MASTER_KEY',
    'NATS_URL',
    'VALKEY_URL',
    'PGPASSWORD',
    'gatehouse_master_key',
  ])('does not hand out %s, a setting of Gatehouse itself', (name) => {
    process.env[name] ??= 'inner-secret';
    const [fault] = faultsIn({ auth_data: sharedKey(`\${${name}}`) });
    if (process.env[name] === 'inner-secret') delete process.env[name];
    expect(fault).toContain(`\${${name}} is a setting of Gatehouse itself`);
    expect(fault).not.toContain('inner-secret');
  });

  it.each<[string, object, string]>([
    [
      'a tool set twice',
      { tool_settings: [{ name: 'a' }, { name: 'a' }] },
      'tool_settings[1].name: is repeated',
    ],
    [
      'a tool in two scopes',
      { scopes: ['a', 'b'].map((name) => ({ name, description: 'x', tools: ['drop'] })) },
      'scopes[1].tools[0]: has a scope already',
    ],
    [
      'a scope defined twice',
      { scopes: ['drop', 'keep'].map((tool) => ({ name: 'a', description: 'x', tools: [tool] })) },
      'scopes[1].name: is repeated',
    ],
    [
      'a collaborator named twice',
      {
        collaborators: ['user:a@b.c', 'user:A@b.c'].map((subject) => ({
          subject,
          role_id: 'mcp-server-user',
        })),
      },
      'collaborators[1].subject: is repeated',
    ],
    [
      'enabled tools where all are enabled',
      { tool_policy: { enable_tools_by_default: true, enabled_tools: ['a'] } },
      'tool_policy.enabled_tools: has no effect where enable_tools_by_default is true',
    ],
    [
      'a grant of no tool',
      { collaborators: [{ subject: 'team:dev', role_id: 'mcp-server-user', tools: [] }] },
      'collaborators[0].tools: must name a tool, or be left out',
    ],
  ])('refuses %s', (_, given, fault) => {
    expect(faultsIn(given)).toEqual([fault]);
  });

  it('shows fifty faults of many', () => {
    const lines = faultsOf(...Array.from({ length: 60 }, () => ({})));
    expect(lines).toHaveLength(51);
    expect(lines[50]).toBe('... and 10 more');
  });
});
