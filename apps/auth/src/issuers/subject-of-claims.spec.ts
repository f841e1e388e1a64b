import { Issuer } from '@gatehouse/contracts';
import { subjectOf } from './subject-of-claims.js';

const issuer = (given: object) =>
  Issuer.parse({
    name: 'ci',
    issuer: 'https://ci.example',
    audiences: ['gate'],
    uses: ['exchange'],
    ...given,
  });
const rule = (claims: Record<string, string>, service_account = 'deploy') => ({ claims, service_account });
const account = (name: string) => ({ kind: 'service-account', name });

describe('whom the claims of a JWT speak of', () => {
  it('is the service account of the first rule that fits', () => {
    const rules = [rule({ ref: 'refs/heads/main' }, 'deploy'), rule({ repository: 'acme/app' }, 'test')];
    const told = (ref: string) => subjectOf({ repository: 'acme/app', ref }, issuer({ rules }));
    expect(told('refs/heads/main')).toEqual(account('deploy'));
    expect(told('refs/heads/other')).toEqual(account('test'));
  });

  it.each([
    ['every claim must fit', { repository: 'acme/app', ref: 'refs/heads/evil' }],
    ['a claim must be there', { repository: 'acme/app' }],
    ['to the letter', { repository: 'acme/app', ref: 'refs/heads/MAIN' }],
    ['not only at its beginning', { repository: 'acme/app', ref: 'refs/heads/main-evil' }],
    ['a list of lists is no text', { repository: 'acme/app', ref: [['refs/heads/main']] }],
    ['nor is an object', { repository: 'acme/app', ref: { 0: 'refs/heads/main' } }],
  ])('is nobody by default: %s', (_why, claims) => {
    const rules = [rule({ repository: 'acme/app', ref: 'refs/heads/main' })];
    expect(subjectOf(claims, issuer({ rules }))).toMatchObject({ kind: 'nobody' });
  });

  it('may be told by the beginning of a claim, by a number, or by one of several values', () => {
    const rules = [rule({ ref: 'refs/tags/v*', repository_id: '42', groups: 'build' })];
    const claims = { ref: 'refs/tags/v1', repository_id: 42, groups: ['x', 'build'] };
    expect(subjectOf(claims, issuer({ rules }))).toEqual(account('deploy'));
  });

  it('is never told by what every object has', () => {
    const rules = [rule({ constructor: '*', sub: 'x' })];
    expect(subjectOf({ sub: 'x' }, issuer({ rules }))).toMatchObject({ kind: 'nobody' });
  });

  it.each([
    [
      { match: 'email' },
      { email: ' Jane@X.com ', email_verified: true },
      { kind: 'email', value: 'jane@x.com' },
    ],
    [{ match: 'email', claim: 'upn', require_verified: false }, { upn: 'j@x.com' }, { kind: 'email' }],
    [{ match: 'external_id' }, { sub: '00u1' }, { kind: 'external_id', value: '00u1' }],
    [{ match: 'identity' }, { sub: '00u1' }, { kind: 'identity', value: '00u1' }],
    [{ match: 'email' }, { email: 'jane@x.com' }, { kind: 'nobody' }],
    [{ match: 'email' }, { email: 'jane@x.com', email_verified: 'true' }, { kind: 'nobody' }],
    [
      { match: 'email', require_verified: false },
      { email: 'jane@x.com', email_verified: false },
      { kind: 'nobody' },
    ],
    [{ match: 'email' }, { email: ['jane@x.com'], email_verified: true }, { kind: 'nobody' }],
    [{ match: 'external_id' }, { sub: ' ' }, { kind: 'nobody' }],
  ])('is a person as the registration says: %j of %j', (person, claims, expected) => {
    expect(subjectOf(claims, issuer({ person }))).toMatchObject(expected);
  });
});

describe('the registration of an issuer', () => {
  const faultsOf = (given: object) =>
    Issuer.safeParse({
      ...{ name: 'ci', issuer: 'https://ci.example', audiences: ['gate'], uses: ['exchange'] },
      ...given,
    }).error?.issues.map(({ path }) => path.join('.'));
  const rules = [rule({ sub: 'x' })];
  const github = (claims: Record<string, string>) => ({ preset: 'github-actions', rules: [rule(claims)] });
  const kubernetes = (claims: Record<string, string>) => ({ preset: 'kubernetes', rules: [rule(claims)] });

  it.each<[string, object, string]>([
    ['a shared secret as signature', { rules, algorithms: ['HS256'] }, 'algorithms.0'],
    ['no signature', { rules, algorithms: ['none'] }, 'algorithms.0'],
    ['no audience', { rules, audiences: [] }, 'audiences'],
    ['plain http', { rules, issuer: 'http://ci.example' }, 'issuer'],
    ['credentials in the address', { rules, issuer: 'https://a:b@ci.example' }, 'issuer'],
    ['another scheme', { rules, jwks_uri: 'file:///etc/passwd' }, 'jwks_uri'],
    ['keys given twice', { rules, jwks_uri: 'https://x.y', jwks: { keys: [{ kty: 'RSA' }] } }, 'jwks'],
    ['a secret key', { rules, jwks: { keys: [{ kty: 'oct', k: 'x' }] } }, 'jwks'],
    ['a private key', { rules, jwks: { keys: [{ kty: 'EC', d: 'x' }] } }, 'jwks'],
    ['nobody whom it could speak of', {}, 'rules'],
    ['a rule that fits everybody', { rules: [rule({ sub: '*' })] }, 'rules.0.claims'],
    ['a rule without a claim', { rules: [rule({})] }, 'rules.0.claims'],
    ['a * in the middle', { rules: [rule({ sub: 'a*b' })] }, 'rules.0.claims.sub'],
    ['assertions of nobody', { rules, uses: ['id_jag'] }, 'person'],
    ['GitHub without a repository', github({ ref: 'refs/heads/main' }), 'rules.0.claims'],
    ['an owner that others can begin with', github({ repository: 'acme*' }), 'rules.0.claims'],
    ['the same in the subject', github({ sub: 'repo:acme*' }), 'rules.0.claims'],
    [
      'a namespace that others can begin with',
      kubernetes({ sub: 'system:serviceaccount:prod*' }),
      'rules.0.claims',
    ],
    ['Kubernetes without a subject', kubernetes({ aud: 'x' }), 'rules.0.claims'],
  ])('is refused with %s', (_what, given, place) => {
    expect(faultsOf(given)).toContain(place);
  });

  it.each<object>([
    github({ repository: 'acme/app', ref: 'refs/heads/main' }),
    github({ repository: 'acme/*' }),
    github({ sub: 'repo:acme/app:environment:prod' }),
    github({ repository_owner_id: '12345' }),
    kubernetes({ sub: 'system:serviceaccount:prod:deployer' }),
    kubernetes({ sub: 'system:serviceaccount:prod:*' }),
  ])('is taken where it says whose workloads they are: %j', (given) => {
    expect(faultsOf(given)).toBeUndefined();
  });
});
