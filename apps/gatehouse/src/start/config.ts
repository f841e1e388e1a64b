import { ProcessConfig, secret } from '@gatehouse/runtime';
import { z } from 'zod';

/** The all-in-one's own settings; those of each service are read from the same environment. */
export const AllInOneConfig = ProcessConfig.extend({
  GATEHOUSE_DATA: z
    .string()
    .default('.gatehouse')
    .describe('Folder of the embedded database, the master key, the demo settings and the journal.'),
  GATEHOUSE_PUBLIC_URL: z
    .string()
    .optional()
    .describe(
      'The origin that users see. Issuer, resource metadata, links and redirects come from it alone. The all-in-one by itself takes `http://127.0.0.1:<port>`.',
    ),
  GATEHOUSE_DEMO: z.enum(['0', '1']).default('1').describe('`0`: no demo MCP servers.'),
  GATEHOUSE_TENANT: z.string().default('demo').describe('Name of the first tenant, made if missing.'),
  DATABASE_URL: secret()
    .optional()
    .describe(
      "Postgres 14 or newer. The all-in-one takes an administrator's URL and makes the roles; unset, it starts the embedded one. A service's process takes the URL of its own role.",
    ),
  NATS_URL: secret()
    .optional()
    .describe(
      "`nats://` or `tls://` with the service's user. Unset in the all-in-one: the bus is in memory.",
    ),
  GATEHOUSE_MASTER_KEY: secret()
    .optional()
    .describe(
      "The vault's master key, 32 bytes in base64. The all-in-one makes one in the data folder if neither this nor the file is set.",
    ),
  GATEHOUSE_MASTER_KEY_FILE: z
    .string()
    .optional()
    .describe('A file that holds the master key, instead of the variable.'),
});
export type AllInOneConfig = z.output<typeof AllInOneConfig>;
