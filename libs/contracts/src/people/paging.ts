import { z } from 'zod';

/** A page of a list; `next` is the cursor of the page after it, null on the last. */
export const paged = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

/** Which page is asked for: `cursor` is the `next` of the page before. */
export const paging = {
  limit: z.number().int().min(1).max(500).default(100),
  cursor: z.string().max(500).optional(),
};
