import type { TokenOwner } from '@gatehouse/contracts';
import type { ServiceAccount } from '../machines/service-accounts.store.js';
import type { Person } from '../people/people.store.js';

/** A person or a service account, as whoever asks about a token is told. */
export function ownerOf(
  holder: Person | ServiceAccount,
  token: { readonly token: string; readonly expires: Date | null },
): TokenOwner {
  const { tenant, id, name } = holder;
  const teams = [...holder.teams];
  const given = { tenant, teams, token: token.token, expires: token.expires?.toISOString() ?? null };
  if ('email' in holder)
    return { ...given, subject: { type: 'user', id, name: holder.email }, admin: holder.admin };
  const roles = [...holder.roles];
  const subject = { type: 'service-account', id, name } as const;
  return { ...given, subject, admin: roles.includes('admin'), roles };
}
