import type { Caller } from '@gatehouse/caller';
import { z } from 'zod';

/** The client that an address names, percent-encoded: the id of some is a URL. */
export const OneClient = z.strictObject({ id: z.string().min(1).max(2_000) });

/** Which client a call is about, and who asks. The tenant is never taken from the request. */
export function clientOf({ tenant, subject }: Caller, id: string) {
  return { tenant, id, by: subject.id };
}
