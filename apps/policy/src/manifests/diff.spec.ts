import { remoteServer, sharedKey } from '../../test/start-policy.js';
import { diff } from './diff.js';
import { RemoteServer, withoutSecrets } from './remote-server.js';

const read = (given: object) => withoutSecrets(RemoteServer.parse(remoteServer('s', given)));
const user = (subject: string, more: object = {}) => ({ subject, role_id: 'mcp-server-user', ...more });

describe('the difference between two manifests', () => {
  it('is a line for each place, and knows items of a list by their names', () => {
    const before = read({
      collaborators: [user('user:a@x.com'), user('team:dev')],
      tool_settings: [{ name: 'echo', disabled: true }],
      tags: { env: 'test' },
    });
    const after = read({
      url: 'https://elsewhere.example.com',
      collaborators: [user('team:dev', { tools: ['a', 'b'] })],
      tool_settings: [{ name: 'echo' }],
      tags: { env: 'prod' },
      description: 'two\nlines',
    });
    expect(diff(before, after)).toEqual([
      'collaborators[team:dev].tools: (none) -> ["a","b"]',
      'collaborators[user:a@x.com].role_id: mcp-server-user -> (none)',
      'collaborators[user:a@x.com].subject: user:a@x.com -> (none)',
      'description: "" -> "two\\nlines"',
      'tags.env: test -> prod',
      'tool_settings[echo].disabled: true -> false',
      'url: https://s.example.com/mcp -> https://elsewhere.example.com',
    ]);
  });

  it('is nothing where only the order differs', () => {
    const one = read({ collaborators: [user('user:a@x.com'), user('team:dev')], tags: { a: '1', b: '2' } });
    const two = read({ tags: { b: '2', a: '1' }, collaborators: [user('team:dev'), user('user:a@x.com')] });
    expect(diff(one, two)).toEqual([]);
  });

  it('shows no secret', () => {
    const lines = diff(null, read({ auth_data: sharedKey('hush') }));
    expect(lines).toContain('auth_data.headers.Authorization: (none) -> [secret]');
    expect(lines.join()).not.toContain('hush');
  });
});
