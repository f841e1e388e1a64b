import { Failure } from '@gatehouse/contracts';
import type { Caller } from '@gatehouse/caller';

/** The person whose tokens a call is about: the caller. */
export function ownerOf({ tenant, subject }: Caller): { tenant: string; person: string } {
  if (subject.type !== 'user')
    throw new Failure('api.forbidden', 'Only people have personal access tokens; this is a service account.');
  return { tenant, person: subject.id };
}
