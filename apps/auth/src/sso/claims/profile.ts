import type { IdentityProvider } from '@gatehouse/contracts';
import { z } from 'zod';
import { presetOf } from '../providers/presets.js';
import { SignInRefused } from '../sign-in-refused.js';

export type Claims = Readonly<Record<string, unknown>>;

/** Who somebody is at a provider, as far as we believe it. */
export interface Profile {
  readonly subject: string;
  /** Lower case. */
  readonly email: string;
  /** Undefined: the provider says nothing about it. */
  readonly emailVerified: boolean | undefined;
  readonly name: string;
}

/**
 * Reads a person out of the claims of a provider whose signature was good, and refuses whom the provider does not
 * speak for.
 *
 * @throws SignInRefused
 */
export function readProfile(claims: Claims, settings: IdentityProvider): Profile {
  const email = z.email().safeParse(text(claimAt(claims, settings.claims.email ?? 'email')).toLowerCase());
  if (!email.success) throw new SignInRefused('no_email', 'the e-mail claim is missing or no e-mail address');
  const saysSo = settings.claims.email_verified ?? presetOf(settings).emailVerified;
  const emailVerified = truth(claims['email_verified']) === false ? false : truth(claimAt(claims, saysSo));
  const name = text(claimAt(claims, settings.claims.name ?? 'name')).slice(0, 200) || email.data;
  const profile = { subject: text(claims['sub']), email: email.data, emailVerified, name };
  requireVerified(profile, settings);
  requireOwnDomain(profile, claims['hd'], settings);
  return profile;
}

export function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1).toLowerCase();
}

/** A claim by its name; a name with dots leads into objects, unless it is a claim's whole name. */
export function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split('.').reduce<unknown>((value, part) => {
    const inside = typeof value === 'object' && value !== null && Object.hasOwn(value, part);
    return inside ? (value as Claims)[part] : undefined;
  }, claims);
}

/** A provider that says nothing is believed about the domains that an administrator has entrusted to it, and no others. */
function requireVerified({ emailVerified }: Profile, { domains }: IdentityProvider): void {
  if (emailVerified === false) throw new SignInRefused('email_unverified', 'the provider says so');
  if (emailVerified === undefined && domains.length === 0)
    throw new SignInRefused('email_unverified', 'the provider does not say, and no domains are set for it');
}

/** `hd` is the Google Workspace domain of the account: without it, it is a private one. */
function requireOwnDomain({ email }: Profile, hd: unknown, { domains, preset }: IdentityProvider): void {
  if (domains.length > 0 && !domains.includes(domainOf(email)))
    throw new SignInRefused('other_domain', `the e-mail address is of ${domainOf(email)}`);
  const workspace = hd === undefined ? preset !== 'google' : domains.includes(text(hd).toLowerCase());
  if (domains.length > 0 && !workspace)
    throw new SignInRefused('other_domain', `hd is ${text(hd) || 'missing'}`);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** Microsoft writes such claims as a boolean, a number or a string. */
function truth(value: unknown): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return value === true || value === 1 || value === 'true' || value === '1';
}
