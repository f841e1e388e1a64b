import { NestFactory } from '@nestjs/core';
import { BusServer, TransportKey } from '@gatehouse/bus';
import { Callers } from '@gatehouse/caller';
import { DatabasePulse, type Database } from '@gatehouse/persistence';
import {
  nestLogger,
  publicOrigin,
  secret,
  type RunningService,
  type ServiceContext,
  type ServiceDefinition,
} from '@gatehouse/runtime';
import { z } from 'zod';
import type { Key } from './barrier/envelope.js';
import { openBarrier } from './barrier/open-barrier.js';
import { Credentials } from './credentials/credentials.js';
import { LeaseAdmission } from './credentials/lease-admission.js';
import { MasterKeyConfig, readMasterKey } from './master-key.js';
import { Secrets } from './secrets/secrets.js';
import { RotatingAuthKeys } from './service-keys/rotating-auth-keys.js';
import { ServiceKeys } from './service-keys/service-keys.js';
import { openVaultDatabase } from './vault-database.js';
import { VaultModule } from './vault.module.js';

const Config = MasterKeyConfig.extend({
  DATABASE_URL: secret(),
  GATEHOUSE_PUBLIC_URL: publicOrigin(),
  VAULT_AUTH_KEY_DAYS: z.coerce
    .number()
    .positive()
    .default(30)
    .describe('Days after which the keys that sign access tokens and cookies are replaced.'),
  VAULT_AUTH_KEY_LEAD_SECONDS: z.coerce
    .number()
    .min(0)
    .default(300)
    .describe(
      'Seconds between the making of such a key and its first use; every replica publishes it in this time.',
    ),
  VAULT_AUTH_KEY_KEEP_SECONDS: z.coerce
    .number()
    .min(0)
    .default(3_700)
    .describe(
      'Seconds for which a replaced signing key still verifies: more than AUTH_ACCESS_TOKEN_SECONDS.',
    ),
});
type Context = ServiceContext<z.output<typeof Config>>;

/** Upstream credentials and the other services' keys, under one barrier. */
export const vault: ServiceDefinition<typeof Config> = {
  name: 'vault',
  config: Config,

  async start(context) {
    const master = readMasterKey(context.config, context.log);
    const database = await openVaultDatabase(context.config.DATABASE_URL, context.log);
    try {
      return await serve(context, database, master);
    } catch (error) {
      await database.close();
      throw error;
    }
  },
};

async function serve(
  { config, bus, log }: Context,
  database: Database,
  master: Key,
): Promise<RunningService> {
  const barrier = await openBarrier(database, master);
  const serviceKeys = new ServiceKeys(database, barrier);
  const key = await TransportKey.create();
  const callers = new Callers(bus, config.GATEHOUSE_PUBLIC_URL);
  const authKeys = new RotatingAuthKeys(serviceKeys, bus, log, {
    ageMs: config.VAULT_AUTH_KEY_DAYS * 24 * 3_600_000,
    leadMs: config.VAULT_AUTH_KEY_LEAD_SECONDS * 1_000,
    keepMs: config.VAULT_AUTH_KEY_KEEP_SECONDS * 1_000,
  });
  await authKeys.rotateIfOld();
  const module = VaultModule.with({
    bus,
    key,
    credentials: new Credentials(database, barrier),
    secrets: new Secrets(database, barrier),
    serviceKeys,
    authKeys,
    admission: new LeaseAdmission(key, callers, config.GATEHOUSE_PUBLIC_URL, log),
  });
  const app = await NestFactory.createMicroservice(module, {
    strategy: new BusServer(bus),
    logger: nestLogger(log),
  });
  await app.listen();
  const pulse = new DatabasePulse(database);
  return {
    notReady: () => pulse.notReady(),
    async close() {
      pulse.stop();
      authKeys.stop();
      await app.close();
      await database.close();
    },
  };
}
