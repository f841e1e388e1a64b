import { Name } from '@gatehouse/contracts';
import { secret } from '@gatehouse/runtime';
import { z } from 'zod';

export const Config = z.object({
  DATABASE_URL: secret(),
  /** The first tenant, which is there without any manifest. */
  GATEHOUSE_TENANT: Name.default('demo'),
  /** A YAML file, or a folder of them, applied to the first tenant at each start. */
  GATEHOUSE_APPLY: z.string().optional(),
  /** Calls that one person or service account may make in any minute. */
  POLICY_CALLS_PER_MINUTE: z.coerce.number().int().min(1).max(1_000_000).default(600),
  /**
   * Manifests, a JSON array, with which the all-in-one provides the first tenant: applied only for servers that are
   * not there and were never deleted.
   */
  POLICY_MANIFESTS: z
    .string()
    .default('[]')
    .transform(parseJson)
    .pipe(z.array(z.unknown(), { error: 'must be a JSON array' })),
});
export type Config = z.output<typeof Config>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
