import { hostname } from 'node:os';
import { publicOrigin, secret } from '@gatehouse/runtime';
import { allowPrivate } from '@gatehouse/outbound';
import { z } from 'zod';

export const EdgeConfig = z.object({
  GATEHOUSE_PUBLIC_URL: publicOrigin(),
  GATEHOUSE_DATA: z.string().default('.gatehouse'),
  EDGE_JOURNAL: z
    .string()
    .optional()
    .describe('Folder of the journal, for one edge process alone. Unset: `journal` in GATEHOUSE_DATA.'),
  EDGE_NAME: z.string().default(hostname()).meta({
    description: "The edge's name in records; a random part is added.",
    defaultText: 'the name of the machine',
  }),
  GATEHOUSE_AUDIT_DURABILITY: z
    .enum(['fsync', 'memory'], { message: "must be 'fsync' or 'memory' ('committed' is not supported yet)" })
    .default('fsync')
    .describe(
      "`fsync`: a call's intent is on this disk before it leaves. `memory`: no journal file; for benchmarks only.",
    ),
  GATEHOUSE_ALLOW_PRIVATE: allowPrivate(),
  VALKEY_URL: secret()
    .refine(
      (url) => /^(?:valkey|redis)s?:\/\/./.test(url.reveal()),
      'must begin with valkey:// or valkeys://',
    )
    .optional()
    .describe(
      'A Valkey or Redis in which several edges count calls together: `valkey://:password@host:6379`. Unset, or while it cannot be reached: each edge counts alone.',
    ),
  GATEHOUSE_TRUSTED_PROXIES: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('How many reverse proxies stand in front, whose X-Forwarded-For is believed.'),
  EDGE_BODY_LIMIT: z.coerce
    .number()
    .int()
    .min(1_024)
    .default(4 * 1024 * 1024)
    .describe("Most bytes of a request's body."),
  EDGE_UPSTREAM_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .default(60_000)
    .describe('Milliseconds in which an upstream must begin its answer, and may be silent within one.'),
  EDGE_SHOW_CALLS: z
    .enum(['0', '1'])
    .default('0')
    .describe('`1`: a line in the log for each call. The all-in-one does so by itself in a terminal.'),
  EDGE_RECORD_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(32 * 1024)
    .describe("Most bytes of arguments, and of a result, that a call's record keeps."),
});
export type EdgeConfig = z.output<typeof EdgeConfig>;
