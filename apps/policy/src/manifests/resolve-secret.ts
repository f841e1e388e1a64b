// Whole, not by way of the service's configuration: manifests name the variables.
import { env } from 'node:process';
import type { z } from 'zod';

const REFERENCE = /\$\{([^}]*)\}/g;
const VARIABLE_NAME = /^[A-Za-z_]\w*$/;

/**
 * Variables that Gatehouse reads itself. Whoever may apply manifests could otherwise have them sent to a server of
 * their own: the database's password, the master key. `GATEHOUSE_SECRET_*` is free for manifests.
 */
const OWN = /^(?:GATEHOUSE_(?!SECRET_)|DATABASE_URL|NATS_|VALKEY_|POLICY_|PG|NODE_|OTEL_)/i;

/** A value as written in a manifest -> the secret: `${NAME}` anywhere in it is this process's environment variable. */
export function resolveSecret(text: string, context: Pick<z.core.$RefinementCtx, 'addIssue'>): string {
  const fail = (message: string) => context.addIssue({ code: 'custom', message });
  if (text.startsWith('secret://')) fail('secret:// is not supported by this version: use ${ENV_NAME}');
  return text.replace(REFERENCE, (_, name: string) => {
    const value = env[name];
    if (!VARIABLE_NAME.test(name)) fail('${...} must hold the name of an environment variable');
    else if (OWN.test(name)) fail(`\${${name}} is a setting of Gatehouse itself: use another variable`);
    else if (!value) fail(`\${${name}} is not set in the environment of the policy service`);
    return value ?? '';
  });
}
