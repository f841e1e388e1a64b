import type { SnapshotServer } from '@gatehouse/contracts';
import fc from 'fast-check';
import { evaluate, type PolicyCall } from './evaluate.js';
import { mayUseTool, restrictsTools } from './tool-filter.js';

// A second, slower reading of the rules, written from their text: goes through every grant and asks whether it applies.
const permits = (server: SnapshotServer, call: PolicyCall): boolean => {
  const holders = [
    `${call.subject.type}:${call.subject.name}`,
    ...['everyone', ...call.teams].map((team) => `team:${team}`),
  ];
  const applying = Object.entries(server.grants).filter(([holder]) =>
    holders.some((mine) => mine === holder),
  );
  const basics = ['initialize', 'ping', 'server/discover', 'logging/setLevel', 'tools/list'];
  return applying.some(([, { tools }]) => {
    if (call.method !== 'tools/call') {
      return tools === '*' || basics.includes(call.method) || call.method.startsWith('notifications/');
    }
    if (typeof call.tool !== 'string') return false;
    if (server.disabledTools.some((off) => off === call.tool)) return false;
    if (server.enabledTools !== null && !server.enabledTools.some((on) => on === call.tool)) return false;
    return tools === '*' || tools.some((granted) => granted === call.tool);
  });
};

const TOOLS = ['a', 'A', 'b', '__proto__', 'constructor'];
const tool = fc.constantFrom(...TOOLS);
const name = fc.constantFrom('x', 'y', 'everyone', '__proto__');
const holder = fc
  .tuple(fc.constantFrom('user', 'service-account', 'team'), name)
  .map((parts) => parts.join(':'));
const tools = fc.oneof(fc.constant('*' as const), fc.uniqueArray(tool));
const grants = fc.dictionary(holder, fc.record({ rule: fc.constantFrom('r1', 'r2', 'r3'), tools }));

const servers: fc.Arbitrary<SnapshotServer> = fc.record({
  name: fc.constant('s'),
  url: fc.constant('https://upstream.example/mcp'),
  credential: fc.constant('none' as const),
  headers: fc.constant({}),
  disabledTools: fc.uniqueArray(tool, { maxLength: 2 }),
  enabledTools: fc.option(fc.uniqueArray(tool)),
  grants,
});
const calls: fc.Arbitrary<PolicyCall> = fc.record({
  subject: fc.record({ type: fc.constantFrom('user' as const, 'service-account' as const), name }),
  teams: fc.uniqueArray(name),
  method: fc.oneof(
    { weight: 3, arbitrary: fc.constant('tools/call') },
    fc.constantFrom(
      'initialize',
      'tools/list',
      'notifications/x',
      'resources/read',
      'tasks/get',
      'tools/Call',
    ),
  ),
  tool: fc.option(tool),
});

describe('evaluate against a reference', () => {
  it('never differs', () => {
    fc.assert(
      fc.property(servers, calls, (server, call) => {
        expect(evaluate(server, call).effect).toBe(permits(server, call) ? 'permit' : 'deny');
      }),
      { numRuns: 10_000 },
    );
  });

  it('decides the same, by the same rule, in whatever order grants and teams come', () => {
    fc.assert(
      fc.property(servers, calls, (server, call) => {
        const turned = { ...server, grants: Object.fromEntries(Object.entries(server.grants).reverse()) };
        expect(evaluate(turned, { ...call, teams: [...call.teams].reverse() })).toEqual(
          evaluate(server, call),
        );
      }),
      { numRuns: 10_000 },
    );
  });

  it('shows in a list exactly the tools that may be called, and filters only where it must', () => {
    fc.assert(
      fc.property(servers, calls, (server, caller) => {
        const mayUse = mayUseTool(server, caller);
        const callable = TOOLS.filter(
          (one) => evaluate(server, { ...caller, method: 'tools/call', tool: one }).effect === 'permit',
        );
        expect(TOOLS.filter(mayUse)).toEqual(callable);
        if (callable.length < TOOLS.length) expect(restrictsTools(server, caller)).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });

  it('leaves a list unread for a caller with the whole of a server on which nothing is switched', () => {
    const server = {
      disabledTools: [],
      enabledTools: null,
      grants: { 'team:everyone': { rule: 'r', tools: '*' } },
    };
    const caller = { subject: { type: 'user', name: 'x' }, teams: [] } as const;
    expect(restrictsTools(server as unknown as SnapshotServer, caller)).toBe(false);
  });
});
