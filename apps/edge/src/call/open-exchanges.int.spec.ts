import { hash } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { accessEnded, policyHeartbeat, type AccessEnded } from '@gatehouse/contracts';
import { jest } from '@jest/globals';
import { EdgeRig, serverEntry, toolCall } from '../../test/edge-rig.js';

const PAT = 'gatehouse_pat_of-ada';

describe('what is open when access ends', () => {
  let rig: EdgeRig;
  /** Answers of the upstream that are under way. */
  let answers: ServerResponse[];
  beforeEach(async () => {
    rig = await EdgeRig.start();
    answers = [];
    rig.upstream.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': begun\n\n');
      answers.push(response);
    };
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await rig.stop();
  });

  const end = (ended: Partial<AccessEnded>) => {
    const before = Math.floor(Date.now() / 1_000);
    const item = { tenant: 'demo', kind: 'subject', id: 'person-1', before, ...ended } as const;
    rig.ended.push(item);
    rig.on('auth').publish(accessEnded, item);
  };
  const gone = (response: Response) =>
    response.text().then(
      () => 'finished',
      () => 'cut off',
    );
  const stream = (token: string) =>
    fetch(`${rig.origin}/demo/mcp/tools/server`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
    });

  it.each<[string, Partial<AccessEnded>]>([
    ['the person’s', { generation: 1 }],
    ['the grant’s', { kind: 'grant', id: 'grant-1' }],
    ['the client’s', { kind: 'client', id: 'client-1' }],
    ['the token’s', { kind: 'token', id: 'jti-1' }],
  ])('is cut off if it is %s, and the upstream is told', async (_whose, ended) => {
    const token = await rig.token({ gen: 0, jti: 'jti-1' });
    const [standing, call] = [await stream(token), await rig.post(toolCall(), { token })];
    const told = answers.map((answer) => once(answer, 'close'));
    end(ended);
    expect(await Promise.all([gone(standing), gone(call)])).toEqual(['cut off', 'cut off']);
    await Promise.all(told);
    const record = await rig.recorded(({ status }) => status !== 'unknown');
    expect(record).toMatchObject({ status: 'denied', error: { code: -31401 } });
  });

  it('is answered 401 if the upstream has not answered yet, and the upstream is told', async () => {
    const asked = new Promise<ServerResponse>((resolve) => {
      rig.upstream.answer = (_request, response) => resolve(response);
    });
    const call = rig.post(toolCall(), { token: await rig.token({ gen: 0 }) });
    const told = once(await asked, 'close');
    end({ generation: 1 });
    const answer = await call;
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('invalid_token') as string,
    ]);
    await told;
  });

  it('goes on if it is anybody else’s, or of a later generation', async () => {
    const token = await rig.token({ gen: 2, iat: Math.floor(Date.now() / 1_000) - 5 });
    const [standing, call] = [await stream(token), await rig.post(toolCall(), { token })];
    end({ generation: 2 });
    end({ id: 'person-2', generation: 9 });
    end({ kind: 'grant', id: 'grant-2' });
    end({ tenant: 'other', generation: 9 });
    await rig.eventsDelivered();
    await rig.eventsDelivered();
    for (const answer of answers) answer.end('data: done\n\n');
    expect(await standing.text()).toContain('done');
    expect(await call.text()).toContain('done');
  });

  it('is refused before it is sent on, if its turn comes only then', async () => {
    let free: () => void = () => undefined;
    rig.vaultFree = new Promise((resolve) => (free = resolve));
    const token = await rig.token({ aud: 'http://gate.test/demo/mcp/keyed/server', gen: 0 });
    const asked = rig.leaseAsked();
    const call = rig.post(toolCall(), { path: '/demo/mcp/keyed/server', token });
    await asked;
    end({ generation: 1 });
    await rig.eventsDelivered();
    free();
    const answer = await call;
    expect([answer.status, rig.upstream.seen.length]).toEqual([401, 0]);
  });

  describe('by a personal access token', () => {
    const everybodys = () =>
      (rig.snapshot.servers['tools'] = {
        ...serverEntry('tools', rig.upstream.url),
        grants: { 'team:everyone': { rule: 'all', tools: '*' } },
      });
    beforeEach(async () => {
      rig.opaque.set(hash('sha256', PAT, 'base64url'), { subject: 'person-1', tenant: 'demo' });
      everybodys();
      await rig.publish();
    });

    it('is cut off when auth knows the token no more', async () => {
      const [standing, call] = [await stream(PAT), await rig.post(toolCall(), { token: PAT })];
      rig.opaque.clear();
      end({ generation: 1 });
      expect(await Promise.all([gone(standing), gone(call)])).toEqual(['cut off', 'cut off']);
    });

    it('goes on when the person lost something else', async () => {
      const standing = await stream(PAT);
      end({ generation: 1 });
      await rig.eventsDelivered();
      await rig.eventsDelivered();
      answers[0]?.end('data: done\n\n');
      expect(await standing.text()).toContain('done');
    });

    it('is cut off when the token itself is revoked', async () => {
      const standing = await stream(PAT);
      rig.opaque.clear();
      end({ kind: 'token', id: 'pat-1' });
      expect(await gone(standing)).toBe('cut off');
    });
  });

  it('is cut off when the policy lets the caller use the server, or the tool, no more', async () => {
    const [standing, call] = [await stream(await rig.token()), await rig.post(toolCall('echo'))];
    const grants = (tools: '*' | string[]) => ({ 'team:dev': { rule: 'grant-dev', tools } });
    rig.snapshot.servers['tools'] = { ...serverEntry('tools', rig.upstream.url), grants: grants(['other']) };
    await rig.publish();
    expect(await gone(call)).toBe('cut off');
    rig.snapshot.servers['tools'] = { ...serverEntry('tools', rig.upstream.url), grants: {} };
    await rig.publish();
    expect(await gone(standing)).toBe('cut off');
  });

  it('is cut off when the tenant is gone', async () => {
    const standing = await stream(await rig.token());
    rig.on('policy').publish(policyHeartbeat, { versions: {} });
    expect(await gone(standing)).toBe('cut off');
  });
});
