import { IdentityProvider } from '@gatehouse/contracts';
import { claimAt, domainOf, readProfile, type Claims } from './profile.js';

const settings = (changes: object = {}) =>
  IdentityProvider.parse({
    ...{ name: 'corp', issuer: 'https://idp.example', client_id: 'c', domains: ['corp.example'] },
    ...changes,
  });
const jane = { sub: 's1', email: 'Jane@Corp.example', name: ' Jane ' };
const reasonOf = (claims: Claims, changes: object = {}) => {
  try {
    return readProfile(claims, settings(changes)).email;
  } catch (error) {
    return (error as { reason: string }).reason;
  }
};

describe('a profile', () => {
  it('is read from the standard claims', () => {
    const profile = { subject: 's1', email: 'jane@corp.example', emailVerified: true, name: 'Jane' };
    expect(readProfile({ ...jane, email_verified: true }, settings())).toEqual(profile);
    expect(readProfile({ ...jane, name: 7 }, settings())).toMatchObject({ name: 'jane@corp.example' });
  });

  it('is read from claims of other names', () => {
    const claims = { email: 'https://idp.example/mail', name: 'profile.display' };
    const told = { sub: 's1', 'https://idp.example/mail': 'j@corp.example', profile: { display: 'J' } };
    expect(readProfile(told, settings({ claims }))).toMatchObject({ email: 'j@corp.example', name: 'J' });
  });

  it.each([
    [true, true],
    ['true', true],
    [1, true],
    ['1', true],
    [undefined, undefined],
  ])('takes %p for a verified address: %p', (email_verified, expected) => {
    expect(readProfile({ ...jane, email_verified }, settings()).emailVerified).toBe(expected);
  });

  it.each([false, 'false', 0, '', 'yes', {}, []])(
    'is refused where the address is verified: %p',
    (email_verified) => {
      expect(reasonOf({ ...jane, email_verified })).toBe('email_unverified');
    },
  );

  it('of Entra is believed by xms_edov, but not against the standard claim', () => {
    const entra = settings({ preset: 'entra' });
    expect(readProfile({ ...jane, xms_edov: '1' }, entra).emailVerified).toBe(true);
    expect(reasonOf({ ...jane, xms_edov: false }, { preset: 'entra' })).toBe('email_unverified');
    expect(reasonOf({ ...jane, xms_edov: true, email_verified: false }, { preset: 'entra' })).toBe(
      'email_unverified',
    );
  });

  it('of a provider that speaks for no domain needs a verified address', () => {
    expect(reasonOf(jane, { domains: [] })).toBe('email_unverified');
    expect(reasonOf({ ...jane, email_verified: true }, { domains: [] })).toBe('jane@corp.example');
  });

  it('of Google needs a Workspace domain: private accounts have none', () => {
    const google = { preset: 'google' };
    expect(reasonOf({ ...jane, email_verified: true }, google)).toBe('other_domain');
    expect(reasonOf({ ...jane, email_verified: true, hd: 'evil.example' }, google)).toBe('other_domain');
    expect(reasonOf({ ...jane, email_verified: true, hd: 'corp.example' }, google)).toBe('jane@corp.example');
  });

  it.each([
    'jane@sub.corp.example',
    'jane@corp.example.evil.io',
    'jane@evilcorp.example',
    'a@corp.example@evil.io',
  ])('of another domain is refused: %s', (email) =>
    expect(['other_domain', 'no_email']).toContain(reasonOf({ ...jane, email })),
  );
});

it('claims are looked up as the provider’s own, never as JavaScript’s', () => {
  for (const name of ['__proto__', 'constructor', 'a.constructor.name', 'toString'])
    expect(claimAt({ a: {} }, name)).toBeUndefined();
  expect(domainOf('a@b@Corp.example')).toBe('corp.example');
});
