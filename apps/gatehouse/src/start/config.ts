import { ProcessConfig, secret } from '@gatehouse/runtime';
import { z } from 'zod';

/** The all-in-one's own settings; those of each service are read from the same environment. */
export const AllInOneConfig = ProcessConfig.extend({
  GATEHOUSE_DATA: z.string().default('.gatehouse'),
  GATEHOUSE_PUBLIC_URL: z.string().optional(),
  GATEHOUSE_DEMO: z.enum(['0', '1']).default('1'),
  GATEHOUSE_TENANT: z.string().default('demo'),
  DATABASE_URL: secret().optional(),
  NATS_URL: secret().optional(),
  GATEHOUSE_MASTER_KEY: secret().optional(),
  GATEHOUSE_MASTER_KEY_FILE: z.string().optional(),
});
export type AllInOneConfig = z.output<typeof AllInOneConfig>;
