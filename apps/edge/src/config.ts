import { hostname } from 'node:os';
import { publicOrigin } from '@gatehouse/runtime';
import { z } from 'zod';

export const EdgeConfig = z.object({
  GATEHOUSE_PUBLIC_URL: publicOrigin(),
  GATEHOUSE_DATA: z.string().default('.gatehouse'),
  /** Where the journal lives; one folder for one edge process. */
  EDGE_JOURNAL: z.string().optional(),
  EDGE_NAME: z.string().default(hostname()),
  GATEHOUSE_AUDIT_DURABILITY: z
    .enum(['fsync', 'memory'], { message: "must be 'fsync' or 'memory' ('committed' is not supported yet)" })
    .default('fsync'),
  /** CIDRs with an optional port, that upstream URLs may reach although they are private: `127.0.0.0/8,10.1.0.0/16:443`. */
  GATEHOUSE_ALLOW_PRIVATE: z.string().default(''),
  /** Bytes of a request's body. */
  EDGE_BODY_LIMIT: z.coerce
    .number()
    .int()
    .min(1_024)
    .default(4 * 1024 * 1024),
  /** Milliseconds in which an upstream must begin its answer, and may be silent within one. */
  EDGE_UPSTREAM_TIMEOUT_MS: z.coerce.number().int().min(100).default(60_000),
  /** Bytes of arguments, and of a result, that a call's record keeps. */
  EDGE_RECORD_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(32 * 1024),
});
export type EdgeConfig = z.output<typeof EdgeConfig>;
