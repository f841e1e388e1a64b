import { normalizeAuthorizationRequest } from './authorization-request.js';

const ORIGIN = 'http://127.0.0.1:8080';
const RESOURCE = `${ORIGIN}/demo/mcp/everything/server`;

function normalized(parameters: Record<string, string>): Record<string, string> {
  const query = new URLSearchParams({ resource: RESOURCE, ...parameters });
  const { resource: _, ...rest } = Object.fromEntries(normalizeAuthorizationRequest(query, ORIGIN));
  return rest;
}

describe('an authorization request', () => {
  it.each([
    [{}, 'mcp:read mcp:call'],
    [{ scope: '' }, 'mcp:read mcp:call'],
    [{ scope: 'openid offline_access admin' }, 'mcp:read mcp:call'],
    [{ scope: 'mcp:read' }, 'mcp:read'],
    [{ scope: 'mcp:call mcp:read api offline_access' }, 'mcp:read mcp:call'],
    [{ scope: 'mcp:deploy mcp:call mcp:Deploy mcp:* mcp: mcp:deploy' }, 'mcp:call mcp:deploy'],
  ])('%j asks for the scopes %s', (parameters, scope) => {
    expect(normalized(parameters)).toEqual({ scope });
  });

  it('for the admin API asks for its scope only', () => {
    expect(normalized({ resource: `${ORIGIN}/api/v1`, scope: 'mcp:call' })).toEqual({ scope: 'api' });
  });

  it('keeps no scope without a resource to which it could belong', () => {
    expect(normalized({ resource: 'https://elsewhere.example', scope: 'mcp:read' })).toEqual({});
  });

  it.each([
    ['consent', 'consent'],
    ['consent select_account', 'consent login'],
    ['none', 'none'],
    ['create', undefined],
  ])('takes prompt "%s" as "%s"', (asked, prompt) => {
    expect(normalized({ prompt: asked })['prompt']).toBe(prompt);
  });

  it('loses parameters that OpenID Connect alone knows', () => {
    expect(normalized({ nonce: 'n', max_age: '1', claims: '{}', state: 's' })).toEqual({
      scope: 'mcp:read mcp:call',
      state: 's',
    });
  });

  it.each(['fragment', 'form_post', 'web_message'])('does not pass response_mode %s', (mode) => {
    expect(normalized({ response_mode: mode })['response_mode']).toBe('unsupported');
  });

  it('keeps what was sent twice, to be refused', () => {
    const query = new URLSearchParams('scope=mcp:read&scope=mcp:call&state=1&state=2&resource=x&resource=y');
    const result = normalizeAuthorizationRequest(query, ORIGIN);
    expect(['scope', 'state', 'resource'].map((name) => result.getAll(name).length)).toEqual([2, 2, 2]);
  });
});
