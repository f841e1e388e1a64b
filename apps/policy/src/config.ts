import { Name } from '@gatehouse/contracts';
import { secret } from '@gatehouse/runtime';
import { z } from 'zod';

export const Config = z.object({
  DATABASE_URL: secret(),
  GATEHOUSE_TENANT: Name.default('demo'),
  GATEHOUSE_APPLY: z
    .string()
    .optional()
    .describe('A YAML file, or a folder of them, applied to the first tenant at each start.'),
  POLICY_CALLS_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(600)
    .describe('Calls that one person or service account may make in a minute.'),
  POLICY_MANIFESTS: z
    .string()
    .default('[]')
    .transform(parseJson)
    .pipe(z.array(z.unknown(), { error: 'must be a JSON array' }))
    .describe(
      'Manifests, a JSON array, applied to the first tenant only for servers that are not there and were never deleted. The all-in-one sets it.',
    ),
});
export type Config = z.output<typeof Config>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
