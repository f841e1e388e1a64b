import { remoteServer } from '../../test/start-policy.js';
import { numbered, readManifests } from './read-manifests.js';

const read = (document: object) => readManifests(numbered([document]))[0]?.manifest;

function faultsOf(...documents: object[]): string[] {
  try {
    readManifests(numbered(documents));
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

describe('manifests that auth keeps', () => {
  const provider = { type: 'identity-provider', name: 'p', issuer: 'https://x.com', client_id: 'c' };

  beforeAll(() => void (process.env['TEST_UPSTREAM_KEY'] = 'k-123'));
  afterAll(() => void delete process.env['TEST_UPSTREAM_KEY']);

  it('resolves a client secret, and leaves it where none is given or none wanted', () => {
    const secretIn = (given: object) => {
      const manifest = read({ ...provider, ...given });
      return manifest?.type === 'identity-provider' ? manifest.client_secret : 'no provider';
    };
    expect(secretIn({ client_secret: '${TEST_UPSTREAM_KEY}' })).toBe('k-123');
    expect(secretIn({ client_secret: null })).toBeNull();
    expect(secretIn({})).toBeUndefined();
  });

  it('lets a team, a service account and a server have one name', () => {
    expect(
      faultsOf(remoteServer('a'), { type: 'team', name: 'a' }, { type: 'service-account', name: 'a' }),
    ).toEqual([]);
    expect(faultsOf({ type: 'team', name: 'a' }, { type: 'team', name: 'a' })).toEqual([
      'document 2 (a): name: is taken by document 1',
    ]);
  });

  it.each<[string, object, string]>([
    [
      'a member without an e-mail address',
      { type: 'team', name: 'a', members: ['jane'] },
      'document 1 (a): members[0]: Invalid email address',
    ],
    [
      'a member named twice',
      { type: 'team', name: 'a', members: ['jane@x.com', 'Jane@x.com'] },
      'document 1 (a): members: must not name anybody twice',
    ],
    [
      'tokens in YAML',
      { type: 'service-account', name: 'a', tokens: ['t'] },
      'document 1 (a): tokens: is no known member',
    ],
    [
      'an unknown member of a provider',
      { ...provider, clientid: 'c' },
      'document 1 (p): clientid: is no known member',
    ],
    [
      'a provider for anybody at Google',
      { ...provider, preset: 'google' },
      'document 1 (p): domains: must name your Workspace domains: anybody has a Google account',
    ],
    [
      "a variable of Gatehouse's own",
      { ...provider, client_secret: '${GATEHOUSE_MASTER_KEY}' },
      'document 1 (p): client_secret: ${GATEHOUSE_MASTER_KEY} is a setting of Gatehouse itself: use another variable',
    ],
  ])('refuses %s', (_, document, fault) => {
    expect(faultsOf(document)[0]).toBe(fault);
  });

  it('never quotes a client secret', () => {
    const faults = faultsOf({ ...provider, client_secret: 'hush'.repeat(2_000) });
    expect(faults).toHaveLength(1);
    expect(faults[0]).not.toContain('hush');
  });
});
