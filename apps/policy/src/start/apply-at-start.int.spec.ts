import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deleteServer, Failure, listServers } from '@gatehouse/contracts';
import { testDatabase, type TestDatabase } from '@gatehouse/testing';
import { FakeAuth } from '../../test/fake-auth.js';
import { FakeVault } from '../../test/fake-vault.js';
import { Around, remoteServer, sharedKey } from '../../test/start-policy.js';

describe('applying manifests at start', () => {
  let database: TestDatabase;
  let folder: string;
  let around: Around;
  const stops: Array<() => Promise<void>> = [];

  beforeEach(async () => {
    database = await testDatabase('policy');
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-apply-'));
    around = new Around();
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await rm(folder, { recursive: true });
    await database?.drop();
  });

  const start = async (settings: Parameters<Around['start']>[1]) =>
    stops.push(await around.start(database.url, settings));
  const stop = async () => stops.pop()?.();
  const file = (name: string, text: string) => writeFile(join(folder, name), text);
  const names = async () =>
    (await around.console.request(listServers, { tenant: 'demo', asker: null })).items.map(
      ({ name }) => name,
    );

  const yaml = (name: string) => `type: mcp-server/remote\nname: ${name}\nurl: https://${name}.example.com\n`;

  it('takes the YAML files of a folder, several documents in each, and leaves others alone', async () => {
    await file('b.yml', `${yaml('three')}`);
    await file('a.yaml', `# a comment\n---\n${yaml('one')}---\n${yaml('two')}---\n`);
    await file('c.txt', 'not: yours');
    await start({ GATEHOUSE_APPLY: folder });
    expect(await names()).toEqual(['one', 'three', 'two']);
  });

  it('takes one file, and changes nothing at the next start', async () => {
    await file('a.yaml', yaml('one'));
    await start({ GATEHOUSE_APPLY: join(folder, 'a.yaml') });
    await stop();
    await start({ GATEHOUSE_APPLY: join(folder, 'a.yaml') });
    expect((await around.snapshot()).version).toBe(2);
  });

  it.each<[string, string, RegExp]>([
    [
      'a fault',
      `${yaml('one')}---\n${yaml('two')}tols: []\n`,
      /^GATEHOUSE_APPLY has faults:\na.yaml, document 2 \(two\): tols: is no known member$/,
    ],
    [
      'a repeated key',
      `${yaml('one')}name: other\n`,
      /a.yaml, document 1: Map keys must be unique at line 4/,
    ],
    ['what is no YAML', 'type: [', /a.yaml, document 1: .*at line 1/],
    ['an unknown tag', 'type: !!js/function x', /a.yaml, document 1: Unresolved tag/],
  ])('does not start with %s, and says where it is', async (_, text, message) => {
    await file('a.yaml', text);
    await expect(start({ GATEHOUSE_APPLY: folder })).rejects.toMatchObject({ name: 'StartError', message });
  });

  it('does not start with a path that is not there', async () => {
    await expect(start({ GATEHOUSE_APPLY: join(folder, 'nowhere') })).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(/nowhere cannot be read \(ENOENT\)/) as string,
    });
  });

  it('tries again while the vault is not there yet', async () => {
    const vault = await FakeVault.on(around.connect('vault'));
    vault.failAt('put');
    await start({ POLICY_MANIFESTS: JSON.stringify([remoteServer('a', { auth_data: sharedKey('k') })]) });
    expect(vault.credentials.get('demo/a')).toEqual({ Authorization: 'k' });
  });

  it('takes teams, service accounts and identity providers, and waits for auth', async () => {
    await file('a.yaml', 'type: team\nname: dev\nmembers: [jane@x.com]\n');
    const starting = start({ GATEHOUSE_APPLY: folder });
    const auth = await FakeAuth.on(around.auth);
    auth.before = ({ documents }) => {
      auth.before = () => undefined;
      expect(documents[0]?.place).toBe('a.yaml, document 1 (dev)');
      throw new Failure('bus.unavailable');
    };
    await starting;
    expect(auth.kept.get('team dev')).toMatchObject({ members: ['jane@x.com'] });
    expect(auth.asked.at(-1)?.by).toBe('GATEHOUSE_APPLY');
  });

  it('does not start with a fault that auth finds', async () => {
    await FakeAuth.on(around.auth);
    await file('a.yaml', 'type: team\nname: faulty\n');
    await expect(start({ GATEHOUSE_APPLY: folder })).rejects.toMatchObject({
      name: 'StartError',
      message: 'GATEHOUSE_APPLY has faults:\na.yaml, document 1 (faulty): name: is faulty',
    });
  });

  it('seeds what is not there, and brings back nothing that was deleted or changed', async () => {
    const seeds = {
      POLICY_MANIFESTS: JSON.stringify([remoteServer('kept'), remoteServer('gone'), remoteServer('mine')]),
    };
    await start(seeds);
    expect(await names()).toEqual(['gone', 'kept', 'mine']);
    await around.console.request(deleteServer, { tenant: 'demo', name: 'gone' });
    await around.apply([remoteServer('mine', { description: 'changed' })]);
    await stop();
    await start(seeds);
    expect(await names()).toEqual(['kept', 'mine']);
    expect((await around.snapshot()).version).toBe(4);
    await around.apply([remoteServer('gone')]);
    expect(await names()).toEqual(['gone', 'kept', 'mine']);
  });

  it('seeds servers only', async () => {
    const seeds = { POLICY_MANIFESTS: JSON.stringify([remoteServer('a'), { type: 'team', name: 'dev' }]) };
    await expect(start(seeds)).rejects.toMatchObject({ message: 'POLICY_MANIFESTS may hold servers only' });
  });

  it('is done once, where two replicas start at once', async () => {
    const seeds = { POLICY_MANIFESTS: JSON.stringify([remoteServer('a')]) };
    await Promise.all([start(seeds), start(seeds)]);
    expect((await around.snapshot()).version).toBe(2);
  });
});
