import { Name } from '@gatehouse/contracts';
import { z } from 'zod';
import type { Caller } from '@gatehouse/caller';

/** The account that an address names. */
export const Named = z.strictObject({ name: Name });
/** One of its tokens. */
export const NamedToken = Named.extend({ id: z.string().min(1).max(200) });

/** Which account a call is about, and who asks. The tenant is never taken from the request. */
export function accountOf({ tenant, subject }: Caller, name: string) {
  return { tenant, name, by: subject.id };
}
