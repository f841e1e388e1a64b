import { randomUUID } from 'node:crypto';
import type { CallRecord } from '@gatehouse/contracts';
import { testDatabase, type TestDatabase } from '@gatehouse/testing';
import { callRecord, TestAudit } from '../../test/start-audit.js';

type Search = Parameters<TestAudit['search']>[0];

describe('searching calls', () => {
  let database: TestDatabase;
  let audit: TestAudit;
  const at = (second: number) => `2026-05-01T10:00:${String(second).padStart(2, '0')}.000Z`;
  const jane = { type: 'user', id: 'u1', name: 'jane@example.com', token: 't' } as const;
  const robot = { type: 'service-account', id: 's1', name: 'ci', token: 't' } as const;
  const given: Array<Partial<CallRecord>> = [
    { time: at(0), subject: jane, server: 'github', tool: 'search', status: 'ok' },
    { time: at(1), subject: robot, server: 'github', tool: 'search', status: 'error' },
    { time: at(2), subject: jane, server: 'linear', tool: 'list_issues', status: 'denied' },
    { time: at(3), subject: robot, server: 'linear', tool: 'search', status: 'ok' },
    { time: at(3), subject: jane, server: 'linear', tool: 'search', status: 'limited' },
  ];

  beforeAll(async () => {
    database = await testDatabase('audit');
    audit = await TestAudit.start(database.url);
    await audit.append(given.map((record, seq) => callRecord({ ...record, seq })));
    await audit.append([callRecord({ tenant: 'other', time: at(9), seq: 100 })]);
  });
  afterAll(async () => {
    await audit?.close();
    await database?.drop();
  });

  const found = async (search: Omit<Search, 'tenant'>) =>
    (await audit.search({ tenant: 'demo', ...search })).items.map(({ seq }) => seq).sort();

  it.each<[string, Omit<Search, 'tenant'>, number[]]>([
    ['everything of the tenant, and of no other', {}, [0, 1, 2, 3, 4]],
    ['by server', { server: 'github' }, [0, 1]],
    ['by tool', { tool: 'search' }, [0, 1, 3, 4]],
    ['by person', { user: 'Jane@Example.com' }, [0, 2, 4]],
    ['by service account', { user: 'ci' }, [1, 3]],
    ['by status', { status: 'denied' }, [2]],
    ['from a time on, itself included', { from: at(2) }, [2, 3, 4]],
    ['up to a time, itself excluded', { to: at(2) }, [0, 1]],
    ['in another time zone', { from: '2026-05-01T12:00:03+02:00' }, [3, 4]],
    ['by several filters at once', { server: 'linear', tool: 'search', user: 'ci' }, [3]],
    ['nothing for a name that SQL would take for something else', { tool: `' or 1=1 --` }, []],
    ['nothing for a name that Postgres cannot hold', { tool: '\0' }, []],
  ])('finds %s', async (_, search, expected) => {
    expect(await found(search)).toEqual(expected);
  });

  it('pages newest first, each record once, also where times are equal', async () => {
    const seen: Array<{ time: string; id: string }> = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await audit.search({ tenant: 'demo', limit: 2, cursor });
      seen.push(...page.items);
      cursor = page.next ?? undefined;
      pages += 1;
    } while (cursor !== undefined);
    expect(pages).toBe(3);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(5);
    const key = ({ time, id }: { time: string; id: string }) => time + id;
    expect(seen.map(key)).toEqual(seen.map(key).sort().reverse());
  });

  it('says at once that a page was the last, when it ends just there', async () => {
    expect((await audit.search({ tenant: 'demo', limit: 5 })).next).toBeNull();
  });

  it('does not lose its place while new records come in', async () => {
    const first = await audit.search({ tenant: 'demo', server: 'github', limit: 1 });
    await audit.append([callRecord({ server: 'github', time: at(30), seq: 50 })]);
    const second = await audit.search({
      tenant: 'demo',
      server: 'github',
      limit: 1,
      cursor: first.next ?? '',
    });
    expect(second.items.map(({ seq }) => seq)).toEqual([0]);
  });

  it('refuses a cursor that was altered, or given for other filters or another tenant', async () => {
    const { next } = await audit.search({ tenant: 'demo', limit: 2 });
    const cursor = next ?? '';
    const parts = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[];
    const altered = (index: number, value: unknown) =>
      Buffer.from(JSON.stringify(parts.with(index, value as string))).toString('base64url');
    const attempts: Search[] = [
      { tenant: 'demo', cursor: 'nonsense' },
      { tenant: 'demo', cursor: '' },
      { tenant: 'demo', cursor: cursor.slice(0, -2) },
      { tenant: 'demo', cursor: altered(0, at(9)) },
      { tenant: 'demo', cursor: altered(1, randomUUID()) },
      { tenant: 'demo', cursor: altered(2, "' or true --") },
      { tenant: 'demo', server: 'github', cursor },
      { tenant: 'other', cursor },
    ];
    for (const attempt of attempts)
      await expect(audit.search(attempt)).rejects.toMatchObject({ code: 'api.invalid_request' });
    expect((await audit.search({ tenant: 'demo', limit: 3, cursor })).items).toHaveLength(3);
  });

  it('makes pages of large records shorter than asked, and loses none', async () => {
    const result = 'x'.repeat(300_000);
    for (let seq = 0; seq < 5; seq++)
      await audit.append([callRecord({ tenant: 'large', seq, result, time: at(seq) })]);
    await audit.append([callRecord({ tenant: 'large', seq: 5, result: 'y'.repeat(1_000_000), time: at(5) })]);
    const pages: number[][] = [];
    let cursor: string | undefined;
    do {
      const page = await audit.search({ tenant: 'large', limit: 200, cursor });
      pages.push(page.items.map(({ seq }) => seq));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(pages).toEqual([[5], [4, 3], [2, 1], [0]]);
  });
});
