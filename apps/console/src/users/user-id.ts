import { z } from 'zod';
import type { Caller } from '@gatehouse/caller';

export const UserId = z.strictObject({ id: z.string().min(1).max(200) });

/** Of whom an administrator speaks: always somebody of their own tenant. */
export function ofUser({ tenant }: Caller, { id }: { id: string }): { tenant: string; person: string } {
  return { tenant, person: id };
}
