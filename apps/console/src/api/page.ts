import { z } from 'zod';

/** A list's `limit`, as a query carries it. */
export const limitUpTo = (most: number, unlessTold: number) =>
  z.coerce.number().int().min(1).max(most).default(unlessTold);

/** As every list is answered: `next` is the cursor of the next page, null on the last. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() });
