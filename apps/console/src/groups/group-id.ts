import { z } from 'zod';
import type { Caller } from '@gatehouse/caller';

export const GroupId = z.strictObject({ id: z.string().min(1).max(200) });

/** Of which team an administrator speaks: always one of their own tenant. */
export function ofGroup({ tenant }: Caller, { id }: { id: string }): { tenant: string; team: string } {
  return { tenant, team: id };
}
