import { z } from 'zod';

/** Faults of the configuration, one line each, all of them at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly faults: readonly string[]) {
    super(
      `configuration has ${faults.length === 1 ? 'a fault' : 'faults'}:\n${faults.map((line) => `  ${line}`).join('\n')}`,
    );
  }
}

/**
 * Reads a schema whose keys are environment variables. An empty variable counts as absent.
 *
 * @throws ConfigError naming every variable at fault
 */
export function readConfig<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).map((key) => [key, environment[key] === '' ? undefined : environment[key]]),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
}

/** An origin, as issuers and resources begin with it: scheme, host and port. Clients compare it character by character. */
export const publicOrigin = () =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && new URL(text).origin === text,
      'must be an origin such as https://gate.example.com: no path, no trailing slash',
    );
