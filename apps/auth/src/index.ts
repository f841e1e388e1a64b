import type { RequestListener } from 'node:http';
import { DatabasePulse, openDatabase, type Database } from '@gatehouse/persistence';
import type { RunningService, ServiceContext, ServiceDefinition } from '@gatehouse/runtime';
import { Clients } from './clients/clients.store.js';
import { Config } from './config.js';
import { SigningKeys } from './oidc/keys/signing-keys.js';
import { OidcState } from './oidc/oidc-state.store.js';
import { Setup } from './people/setup.store.js';
import { createServer } from './server.js';
import { migrations } from './migrations/index.js';
import { entities } from './entities.js';

const CLEAN_UP_EVERY_MS = 10 * 60_000;

/** The authorization server: sign-in, approval, tokens, and the people they belong to. */
export const auth: ServiceDefinition<typeof Config> = {
  name: 'auth',
  config: Config,
  async start(context) {
    const database = await openDatabase({
      url: context.config.DATABASE_URL,
      schema: 'auth',
      entities,
      migrations,
      log: context.log,
    });
    try {
      return await serve(context, database);
    } catch (error) {
      await database.close();
      throw error;
    }
  },
};

async function serve(context: ServiceContext<Config>, database: Database): Promise<RunningService> {
  const { config, bus, log } = context;
  const notes = await prepare(database, config);
  const keys = await SigningKeys.lease(bus, log);
  const app = await createServer({ config, bus, database, keys, log });
  const state = app.get(OidcState);
  const clients = app.get(Clients);
  const pulse = new DatabasePulse(database);
  const cleanUp = setInterval(() => {
    Promise.all([state.removeExpired(), clients.removeForgotten()]).catch((error: unknown) =>
      log.warn({ err: error }, 'expired rows were not removed'),
    );
  }, CLEAN_UP_EVERY_MS);
  cleanUp.unref();
  return {
    listener: app.getHttpAdapter().getInstance() as RequestListener,
    notes,
    notReady: () => pulse.notReady(),
    async close() {
      clearInterval(cleanUp);
      pulse.stop();
      keys.stop();
      await app.close();
      await database.close();
    },
  };
}

async function prepare(database: Database, config: Config): Promise<Record<string, string>> {
  const { GATEHOUSE_ADMIN_EMAIL: email, GATEHOUSE_ADMIN_PASSWORD: password } = config;
  const admin = email !== undefined && password !== undefined ? { email, password: password.reveal() } : null;
  const token = await new Setup(database).prepare(config.GATEHOUSE_TENANT, admin);
  return token === null ? {} : { setup: `${config.GATEHOUSE_PUBLIC_URL}/setup?token=${token}` };
}
