import { hash } from 'node:crypto';
import { EdgeRig, PUBLIC_URL, serverEntry, toolCall } from '../../test/edge-rig.js';

const METADATA = `${PUBLIC_URL}/.well-known/oauth-protected-resource/demo/mcp/tools/server`;

describe('a tool for which the server’s owner demands a scope', () => {
  let rig: EdgeRig;
  beforeAll(async () => {
    rig = await EdgeRig.start();
    rig.snapshot.servers['tools'] = {
      ...serverEntry('tools', rig.upstream.url),
      grants: { 'team:everyone': { rule: 'all', tools: '*' } },
      scopes: [
        { scope: 'mcp:deploy', tools: ['deploy', 'rollback'] },
        { scope: 'mcp:delete', tools: ['delete'] },
      ],
    };
    await rig.publish();
  });
  afterAll(() => rig.stop());

  const call = async (tool: string, scope: string, path?: string) => {
    const token = await rig.token({ scope });
    const answer = await rig.post(toolCall(tool), { token, ...(path !== undefined && { path }) });
    return [answer.status, answer.headers.get('www-authenticate')];
  };
  const challenge = (scope: string) =>
    `Bearer resource_metadata="${METADATA}", scope="${scope}", error="insufficient_scope"`;

  it.each(['deploy', 'rollback'])('is called with it: %s', async (tool) => {
    expect(await call(tool, 'mcp:read mcp:call mcp:deploy')).toEqual([200, null]);
  });

  it('leaves the others as they are', async () => {
    expect(await call('echo', 'mcp:read mcp:call')).toEqual([200, null]);
  });

  it('is refused without it; the challenge names all scopes, those that the token has too', async () => {
    const before = rig.upstream.seen.length;
    expect(await call('deploy', 'mcp:read mcp:call')).toEqual([
      403,
      challenge('mcp:read mcp:call mcp:deploy'),
    ]);
    expect(await call('deploy', 'mcp:call mcp:delete')).toEqual([
      403,
      challenge('mcp:read mcp:call mcp:delete mcp:deploy'),
    ]);
    expect(await call('deploy', 'mcp:deploy')).toEqual([403, challenge('mcp:read mcp:call mcp:deploy')]);
    expect(rig.upstream.seen.length).toBe(before);
    expect(await rig.recorded(({ tool, status }) => tool === 'deploy' && status === 'denied')).toBeDefined();
  });

  it('is refused without a way to more at the door for configured keys', async () => {
    expect(await call('deploy', 'mcp:call', '/demo/mcp/tools/key')).toEqual([
      403,
      'Bearer error="insufficient_scope"',
    ]);
  });

  it('is not refused to an opaque token, which could not step up', async () => {
    rig.opaque.set(hash('sha256', 'gatehouse_pat_x', 'base64url'), { subject: 'ada', tenant: 'demo' });
    expect((await rig.post(toolCall('deploy'), { token: 'gatehouse_pat_x' })).status).toBe(200);
  });
});
