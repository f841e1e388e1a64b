import type { IdentityProvider } from '@gatehouse/contracts';
import { presetOf } from '../providers/presets.js';
import { SignInRefused } from '../sign-in-refused.js';
import { claimAt, type Claims } from './profile.js';

/** Teams stand in every access token, and a request's head has an end. */
const MAX_TEAMS = 100;

/** Whether anything follows from the groups that a provider tells. */
export function groupsMatter(settings: IdentityProvider): boolean {
  const { groups, team_prefix, allowed_groups } = settings;
  return Object.keys(groups).length > 0 || team_prefix !== undefined || allowed_groups !== undefined;
}

/**
 * The groups in the claims; `overage` if there were too many to put in (`_claim_names`: OpenID Connect Core, section
 * 5.6.2; `hasgroups`: Microsoft's for tokens that a browser carries); undefined if nothing is said of groups.
 */
export function groupsIn(
  claims: Claims,
  settings: IdentityProvider,
): readonly string[] | 'overage' | undefined {
  const name = settings.claims.groups ?? presetOf(settings).groups;
  const value = claimAt(claims, name);
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.filter((group) => typeof group === 'string');
  const elsewhere = claims['_claim_names'];
  const named = typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, name);
  return named || [true, 'true'].includes(claims['hasgroups'] as string) ? 'overage' : undefined;
}

/**
 * Our teams for a provider's groups: those that are mapped, and with a prefix all others.
 *
 * @throws SignInRefused if the person is in no group that is let in, or in too many
 */
export function teamsFor(groups: readonly string[], settings: IdentityProvider): string[] {
  const { allowed_groups: allowed, team_prefix: prefix } = settings;
  if (allowed && !groups.some((group) => allowed.includes(group)))
    throw new SignInRefused('not_in_allowed_groups', `of ${groups.length} groups none is in allowed_groups`);
  const mapped = new Map(Object.entries(settings.groups));
  const teams = new Set<string>();
  for (const group of groups) {
    const team = mapped.get(group) ?? (prefix === undefined ? undefined : prefix + group);
    if (team !== undefined) teams.add(team);
  }
  if (teams.size > MAX_TEAMS)
    throw new SignInRefused(
      'too_many_groups',
      `${teams.size} teams: name the groups that count in \`groups\``,
    );
  return [...teams];
}
