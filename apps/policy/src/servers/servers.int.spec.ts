import { checkAccess, listServers } from '@gatehouse/contracts';
import { testDatabase, type TestDatabase } from '@gatehouse/testing';
import { Around, remoteServer } from '../../test/start-policy.js';

const jane = {
  tenant: 'demo',
  subject: { type: 'user', id: '1', name: 'jane@x.com' },
  teams: ['dev'],
} as const;
const stranger = {
  tenant: 'demo',
  subject: { type: 'user', id: '2', name: 'max@x.com' },
  teams: [] as string[],
} as const;

const DEPLOY = { name: 'deploy', description: 'Put code into production', tools: ['deploy'] };

describe('who sees which server', () => {
  let database: TestDatabase;
  let around: Around;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    database = await testDatabase('policy');
    around = new Around();
    stop = await around.start(database.url);
    const grant = (subject: string, more: object = {}) => ({
      description: `for ${subject}`,
      collaborators: [{ subject, role_id: 'mcp-server-user', ...more }],
    });
    await around.apply([
      remoteServer('everybodys', grant('team:everyone')),
      remoteServer('developers', { ...grant('team:dev'), scopes: [DEPLOY] }),
      remoteServer('janes', grant('user:Jane@x.com', { tools: ['echo'] })),
      remoteServer('nobodys'),
      remoteServer('robots', grant('serviceaccount:jane@x.com')),
    ]);
  });
  afterAll(async () => {
    await stop?.();
    await database?.drop();
  });

  const seenBy = async (asker: typeof jane | typeof stranger | null, tenant = 'demo') =>
    (
      await around.console.request(listServers, {
        tenant,
        asker: asker && { ...asker, teams: [...asker.teams] },
      })
    ).items.map(({ name }) => name);
  const access = (who: typeof jane | typeof stranger, server: string) =>
    around.auth.request(checkAccess, { ...who, teams: [...who.teams], server });

  it('an administrator sees all, by name', async () => {
    expect(await seenBy(null)).toEqual(['developers', 'everybodys', 'janes', 'nobodys', 'robots']);
  });

  it('others see what they may use, and nothing of another tenant', async () => {
    expect(await seenBy(jane)).toEqual(['developers', 'everybodys', 'janes']);
    expect(await seenBy(stranger)).toEqual(['everybodys']);
    await around.apply(
      [remoteServer('theirs', { collaborators: [{ subject: 'team:everyone', role_id: 'mcp-server-user' }] })],
      {
        tenant: 'other',
      },
    );
    expect(await seenBy(jane, 'other')).toEqual([]);
  });

  it('comes in pages', async () => {
    const pages: string[][] = [];
    let after: string | null = null;
    do {
      const page: { items: Array<{ name: string }>; next: string | null } = await around.console.request(
        listServers,
        {
          tenant: 'demo',
          asker: { ...jane, teams: [...jane.teams] },
          limit: 2,
          after,
        },
      );
      pages.push(page.items.map(({ name }) => name));
      after = page.next;
    } while (after !== null);
    expect(pages).toEqual([['developers', 'everybodys'], ['janes']]);
  });

  it('comes in shorter pages where descriptions are long, and leaves nobody out', async () => {
    const long = Array.from({ length: 450 }, (_, index) =>
      remoteServer(`s-${index}`, { description: 'x'.repeat(1_000) }),
    );
    await around.apply(long, { tenant: 'long' });
    let after: string | null = null;
    let count = 0;
    do {
      const page: { items: unknown[]; next: string | null } = await around.console.request(listServers, {
        tenant: 'long',
        asker: null,
        limit: 500,
        after,
      });
      count += page.items.length;
      after = page.next;
    } while (after !== null);
    expect(count).toBe(450);
  });

  it('is told on the approval page: allowed, with the description and scopes', async () => {
    const { name, description } = DEPLOY;
    expect(await access(jane, 'developers')).toEqual({
      allowed: true,
      description: 'for team:dev',
      scopes: [{ name, description }],
    });
    expect(await access(jane, 'janes')).toEqual({
      allowed: true,
      description: 'for user:Jane@x.com',
      scopes: [],
    });
  });

  it('is not told to those who may not use it: it looks as if it were not there', async () => {
    const nothing = { allowed: false, description: '', scopes: [] };
    for (const server of ['developers', 'nobodys', 'robots', 'missing', 'constructor'])
      expect(await access(stranger, server)).toEqual(nothing);
  });
});
