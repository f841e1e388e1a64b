import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { MemoryBroker, seal, TransportKey, type Bus } from '@gatehouse/bus';
import {
  AccessManifests,
  applyAccessManifests,
  applyManifests,
  getAuthKey,
  getPolicyKey,
} from '@gatehouse/contracts';
import { createLogger, readConfig, type RunningService } from '@gatehouse/runtime';
import { testDatabase, type TestDatabase } from '@gatehouse/testing';
import { SERVICES } from 'gatehouse';
import { parseAllDocuments } from 'yaml';
import { ROOT } from './pages.js';

jest.setTimeout(60_000);

const PAGES = ['servers', 'people', 'machines', 'sso'].map((page) => join(ROOT, `docs/${page}.md`));
const examples = PAGES.flatMap((page) => [
  ...readFileSync(page, 'utf8').matchAll(/^```yaml\n(type: [\s\S]*?)^```$/gm),
]).map(([, text = '']) => text);
const named = examples.map((text) => [/^name: (\S+)/m.exec(text)?.[1] ?? 'an example without a name', text]);

/** The policy service itself reads them, as `gatehouse apply --dry-run` has it do. */
describe('manifests in docs/', () => {
  let database: TestDatabase;
  let policy: RunningService;
  let own: Bus;
  let asking: Bus;

  beforeAll(async () => {
    process.env['GITHUB_TOKEN'] = 'a token for the example';
    process.env['OKTA_CLIENT_SECRET'] = 'a secret for the example';
    const definition = SERVICES.find(({ name }) => name === 'policy');
    if (!definition) throw new Error('there is no policy service');
    database = await testDatabase('policy');
    const broker = new MemoryBroker();
    own = broker.connect('policy');
    asking = broker.connect('console');
    await playAuth(broker.connect('auth'));
    const config = readConfig(definition.config, { DATABASE_URL: database.url });
    policy = await definition.start({ config, bus: own, log: createLogger('policy', 'silent') });
  });

  afterAll(async () => {
    delete process.env['GITHUB_TOKEN'];
    delete process.env['OKTA_CLIENT_SECRET'];
    await own.drain();
    await policy.close();
    await database.drop();
  });

  async function dryRun(documents: unknown[]) {
    const { key } = await asking.request(getPolicyKey, {});
    const sealed = await seal({ tenant: 'demo', by: 'docs', dryRun: true, documents }, key);
    return (await asking.request(applyManifests, { sealed })).changes;
  }

  it('has examples', () => {
    expect(examples.length).toBeGreaterThanOrEqual(9);
  });

  it.each(named)('shows in %s what the policy service takes', async (_, text) => {
    const documents = parseAllDocuments(text).map((document) => document.toJS() as unknown);
    const changes = await dryRun(documents);
    expect(changes.map(({ action }) => action)).toEqual(documents.map(() => 'create'));
  });

  it('would be told of an example with a fault', async () => {
    const faulty = {
      type: 'mcp-server/remote',
      name: 'github',
      url: 'https://example.com/mcp',
      colour: 'red',
    };
    await expect(dryRun([faulty])).rejects.toThrow('colour: is no known member');
  });
});

/** An auth that has nothing yet. */
async function playAuth(bus: Bus): Promise<void> {
  const key = await TransportKey.create();
  bus.handle(getAuthKey, () => ({ key: key.publicJwk }));
  bus.handle(applyAccessManifests, async ({ sealed }) => {
    const { documents } = await key.open(sealed, AccessManifests);
    return {
      changes: documents.map(({ manifest }) => ({ before: null, after: manifest, newSecret: false })),
    };
  });
}
