import type { SnapshotServer } from '@gatehouse/contracts';
import { evaluate, type PolicyCall } from './evaluate.js';

const server = (parts: Partial<SnapshotServer>): SnapshotServer => ({
  name: 'github',
  url: 'https://upstream.example/mcp',
  credential: 'none',
  headers: {},
  disabledTools: [],
  enabledTools: null,
  grants: {},
  ...parts,
});
const call = (parts: Partial<PolicyCall>): PolicyCall => ({
  subject: { type: 'user', name: 'jane@x.com' },
  teams: [],
  method: 'tools/call',
  tool: 'list_issues',
  ...parts,
});
const whole = (rule: string): SnapshotServer['grants'][string] => ({ rule, tools: '*' });
const jane = { 'user:jane@x.com': whole('r1') };

describe('evaluate', () => {
  it('denies where nothing permits', () => {
    expect(evaluate(undefined, call({}))).toMatchObject({ effect: 'deny', rule: 'default-deny' });
    expect(evaluate(server({}), call({}))).toMatchObject({ effect: 'deny', rule: 'default-deny' });
    expect(
      evaluate(server({ grants: jane }), call({ subject: { type: 'user', name: 'jack@x.com' } })),
    ).toMatchObject({
      effect: 'deny',
      rule: 'default-deny',
    });
    for (const method of ['initialize', 'ping', 'tools/list', 'server/discover']) {
      expect(evaluate(server({}), call({ method }))).toMatchObject({ effect: 'deny', rule: 'default-deny' });
    }
  });

  it('permits by user, service account, team, and the team of everyone, and names the rule', () => {
    expect(evaluate(server({ grants: jane }), call({}))).toMatchObject({ effect: 'permit', rule: 'r1' });
    const bot = call({ subject: { type: 'service-account', name: 'bot' } });
    expect(evaluate(server({ grants: { 'service-account:bot': whole('r2') } }), bot)).toMatchObject({
      effect: 'permit',
      rule: 'r2',
    });
    expect(evaluate(server({ grants: { 'user:bot': whole('r2') } }), bot).effect).toBe('deny');
    expect(
      evaluate(server({ grants: { 'team:dev': whole('r3') } }), call({ teams: ['ops', 'dev'] })),
    ).toMatchObject({ rule: 'r3' });
    expect(evaluate(server({ grants: { 'team:dev': whole('r3') } }), call({ teams: ['ops'] })).effect).toBe(
      'deny',
    );
    expect(evaluate(server({ grants: { 'team:everyone': whole('r4') } }), call({}))).toMatchObject({
      rule: 'r4',
    });
  });

  it('adds several grants up, and names the same rule in whatever order the teams come', () => {
    const grants = {
      'team:a': whole('r2'),
      'team:b': { rule: 'r1', tools: ['list_issues'] },
      'team:c': whole('r3'),
    };
    for (const teams of [
      ['a', 'b', 'c'],
      ['c', 'b', 'a'],
    ]) {
      expect(evaluate(server({ grants }), call({ teams }))).toMatchObject({ effect: 'permit', rule: 'r1' });
      expect(evaluate(server({ grants }), call({ teams, tool: 'other' }))).toMatchObject({
        effect: 'permit',
        rule: 'r2',
      });
    }
  });

  it('keeps a tool that is switched off from everybody', () => {
    const off = server({ grants: jane, disabledTools: ['delete_repo'] });
    expect(evaluate(off, call({ tool: 'delete_repo' }))).toMatchObject({
      effect: 'deny',
      rule: 'tool-disabled',
    });
    expect(evaluate(off, call({ tool: 'list_issues' })).effect).toBe('permit');
    const chosen = server({ grants: jane, enabledTools: ['list_issues'] });
    expect(evaluate(chosen, call({ tool: 'new_tool' }))).toMatchObject({
      effect: 'deny',
      rule: 'tool-not-enabled',
    });
    expect(evaluate(chosen, call({ tool: 'list_issues' })).effect).toBe('permit');
    const both = server({ grants: jane, enabledTools: ['a'], disabledTools: ['a'] });
    expect(evaluate(both, call({ tool: 'a' }))).toMatchObject({ effect: 'deny', rule: 'tool-disabled' });
  });

  it.each([
    'Delete_Repo',
    'delete_repo ',
    ' delete_repo',
    'delete_repo.',
    'delete_repo\0',
    'd\u0435lete_repo',
    'delete\u200d_repo',
    'delete_repo\u200f',
    'delete%5frepo',
    'x/../delete_repo',
    'server2__delete_repo',
    'delete_rep',
    '*',
  ])('takes %j for another tool than delete_repo', (tool) => {
    const only = server({
      grants: { 'user:jane@x.com': { rule: 'r1', tools: ['delete_repo', '\u212aelvin', '\ufb01le'] } },
    });
    expect(evaluate(only, call({ tool: 'delete_repo' })).effect).toBe('permit');
    expect(evaluate(only, call({ tool })).effect).toBe('deny');
    for (const twin of ['kelvin', 'Kelvin', 'file'])
      expect(evaluate(only, call({ tool: twin })).effect).toBe('deny');
  });

  it.each([
    'resources/list',
    'resources/read',
    'resources/subscribe',
    'resources/templates/list',
    'prompts/list',
    'prompts/get',
    'completion/complete',
    'tasks/get',
    'tasks/result',
    'tasks/cancel',
    'subscriptions/listen',
    'Tools/Call',
    'tools/call ',
    'tools/callx',
    'initializex',
    'notifications/',
    'x',
    '',
  ])('closes %j to a grant of some tools, and opens it to a grant of the whole server', (method) => {
    const some = server({ grants: { 'user:jane@x.com': { rule: 'r1', tools: ['list_issues'] } } });
    expect(evaluate(some, call({ method }))).toMatchObject({ effect: 'deny', rule: 'default-deny' });
    expect(evaluate(server({ grants: jane }), call({ method })).effect).toBe('permit');
  });

  it.each([
    'initialize',
    'ping',
    'server/discover',
    'logging/setLevel',
    'tools/list',
    'notifications/cancelled',
    'notifications/progress',
  ])('opens %s to a grant of some tools, even of none', (method) => {
    const none = server({ grants: { 'user:jane@x.com': { rule: 'r1', tools: [] } } });
    expect(evaluate(none, call({ method, tool: undefined }))).toMatchObject({ effect: 'permit', rule: 'r1' });
    expect(evaluate(none, call({})).effect).toBe('deny');
  });

  it('denies a call that names no tool', () => {
    for (const tool of [undefined, null])
      expect(evaluate(server({ grants: jane }), call({ tool })).effect).toBe('deny');
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'inherits nothing under the name %s',
    (name) => {
      const empty = server({ grants: JSON.parse('{}') as SnapshotServer['grants'] });
      expect(
        evaluate(empty, call({ subject: { type: 'user', name }, teams: [name], tool: name })).effect,
      ).toBe('deny');
      expect(
        evaluate(server({ grants: { [`team:${name}`]: whole('r') } }), call({ teams: [name], tool: name }))
          .effect,
      ).toBe('permit');
      const bare = server({ grants: { [name]: whole('r') } });
      expect(evaluate(bare, call({ subject: { type: 'user', name }, teams: [name] })).effect).toBe('deny');
    },
  );

  it('does not find a grant that somebody put on Object.prototype', () => {
    Object.defineProperty(Object.prototype, 'team:everyone', { value: whole('evil'), configurable: true });
    try {
      expect(evaluate(server({}), call({})).effect).toBe('deny');
    } finally {
      delete (Object.prototype as Record<string, unknown>)['team:everyone'];
    }
  });
});
