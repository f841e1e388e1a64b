import { parseChallenges } from '@gatehouse/mcp';
import { approve, Browser, discover, OAuthClient, shown } from '@gatehouse/testing';
import { jest } from '@jest/globals';
import { ADMIN } from './shape.js';
import { TwoAuthReplicas } from './two-auth-replicas.js';

jest.setTimeout(120_000);

describe('a client that calls a tool for which it has too little', () => {
  let replicas: TwoAuthReplicas;
  beforeAll(async () => {
    replicas = await TwoAuthReplicas.start({});
  });
  afterAll(() => replicas.stop());

  const call = (tool: string, token: string) =>
    fetch(replicas.mcp, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool } }),
    });

  it('is told all that it needs, has it approved anew, and goes on', async () => {
    const client = await OAuthClient.register(await discover(replicas.mcp));
    const browser = new Browser();
    const first = client.authorization({ resource: replicas.mcp });
    const before = await client.exchange(await approve(browser, first, ADMIN), first);
    expect((await call('echo', before.access_token)).status).toBe(200);

    const refused = await call('deploy', before.access_token);
    expect(refused.status).toBe(403);
    const [challenge] = parseChallenges(refused.headers.get('www-authenticate') ?? '');
    expect(challenge?.params.get('error')).toBe('insufficient_scope');
    const scope = challenge?.params.get('scope') ?? '';
    expect(scope).toBe('mcp:read mcp:call mcp:deploy');

    const second = client.authorization({ resource: replicas.mcp, scope });
    expect(shown(await browser.open(second.url)).html).toContain('Put code into production');
    const after = await client.exchange(await approve(browser, second, ADMIN), second);
    expect(after.scope).toBe(scope);
    expect((await call('deploy', after.access_token)).status).toBe(200);
    expect((await call('deploy', before.access_token)).status).toBe(403);
    const refreshed = await client.refresh(after.refresh_token);
    expect((await call('deploy', refreshed.access_token)).status).toBe(200);
  });
});
