import type { Subject, TokenOwner } from '@gatehouse/contracts';
import type { Holder } from '../oidc/account.js';

/** A person or a service account, as decisions and records name it. */
export function subjectOf(holder: Holder): Subject {
  const { id } = holder;
  return 'email' in holder
    ? { type: 'user', id, name: holder.email }
    : { type: 'service-account', id, name: holder.name };
}

/** The same, as whoever asks about a token is told. */
export function ownerOf(
  holder: Holder,
  { token, expires }: { readonly token: string; readonly expires: Date | null },
): TokenOwner {
  const given = {
    ...{ tenant: holder.tenant, subject: subjectOf(holder), teams: [...holder.teams], token },
    expires: expires?.toISOString() ?? null,
  };
  if ('email' in holder) return { ...given, admin: holder.admin };
  return { ...given, admin: holder.roles.includes('admin'), roles: [...holder.roles] };
}
