import type { Issuer } from '@gatehouse/contracts';
import type { JWTPayload } from 'jose';

/** Whom a JWT's claims speak of, or why nobody can be told by them. */
export type ClaimedSubject =
  | { readonly kind: 'service-account'; readonly name: string }
  | { readonly kind: 'email' | 'identity' | 'external_id'; readonly value: string }
  | { readonly kind: 'nobody'; readonly reason: string };

/** Applies an issuer's rules: the first that fits names the service account, else the claim names the person. */
export function subjectOf(claims: JWTPayload, issuer: Issuer): ClaimedSubject {
  const rule = issuer.rules.find((one) => fits(claims, one.claims));
  if (rule) return { kind: 'service-account', name: rule.service_account };
  if (!issuer.person) return nobody('no rule fits its claims');
  return personOf(claims, issuer.person);
}

function personOf(claims: JWTPayload, person: NonNullable<Issuer['person']>): ClaimedSubject {
  const claim = person.claim ?? (person.match === 'email' ? 'email' : 'sub');
  const value = own(claims, claim);
  if (typeof value !== 'string' || value.trim() === '') return nobody(`it has no claim ${claim}`);
  if (person.match !== 'email') return { kind: person.match, value };
  const verified = own(claims, 'email_verified');
  if (verified !== true && (person.require_verified || verified !== undefined))
    return nobody('its issuer has not verified the e-mail address (email_verified)');
  return { kind: 'email', value: value.trim().toLowerCase() };
}

function fits(claims: JWTPayload, patterns: Readonly<Record<string, string>>): boolean {
  return Object.entries(patterns).every(([name, pattern]) =>
    [own(claims, name)].flat().some((value) => fitsOne(value, pattern)),
  );
}

function fitsOne(value: unknown, pattern: string): boolean {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return false;
  return pattern.endsWith('*') ? String(value).startsWith(pattern.slice(0, -1)) : String(value) === pattern;
}

function own(claims: JWTPayload, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

function nobody(reason: string): ClaimedSubject {
  return { kind: 'nobody', reason };
}
