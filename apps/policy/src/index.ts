import { NestFactory } from '@nestjs/core';
import { BusServer, TransportKey } from '@gatehouse/bus';
import { openDatabase, type Database } from '@gatehouse/persistence';
import {
  nestLogger,
  type RunningService,
  type ServiceContext,
  type ServiceDefinition,
} from '@gatehouse/runtime';
import { CatalogueRow } from './catalogue/catalogue.entity.js';
import { Catalogue } from './catalogue/catalogue.js';
import { DeletedServerRow } from './catalogue/deleted-server.entity.js';
import { ServerRow } from './catalogue/server.entity.js';
import { VaultCredentials } from './catalogue/vault-credentials.js';
import { Config } from './config.js';
import { AccessAtAuth } from './manifests/access-at-auth.js';
import { Manifests } from './manifests/manifests.js';
import { Catalogue1795500000000 } from './migrations/1795500000000-catalogue.js';
import { PolicyModule } from './policy.module.js';
import { Heartbeat } from './snapshots/heartbeat.js';
import { Versions } from './snapshots/versions.js';
import { applyAtStart } from './start/apply-at-start.js';

/** The catalogue of servers, who may use what, and the limits: compiled into snapshots for the edges. */
export const policy: ServiceDefinition<typeof Config> = {
  name: 'policy',
  config: Config,

  async start(context) {
    const database = await openDatabase({
      url: context.config.DATABASE_URL,
      schema: 'policy',
      entities: [CatalogueRow, ServerRow, DeletedServerRow],
      migrations: [Catalogue1795500000000],
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

async function serve(
  { config, bus, log }: ServiceContext<Config>,
  database: Database,
): Promise<RunningService> {
  const catalogue = new Catalogue(database, new VaultCredentials(bus), bus, config.POLICY_CALLS_PER_MINUTE);
  const versions = new Versions(database);
  await catalogue.open(config.GATEHOUSE_TENANT);
  await catalogue.setLimit();
  const manifests = new Manifests(catalogue, new AccessAtAuth(bus));
  const key = await TransportKey.create();
  const module = PolicyModule.with({ database, key, catalogue, manifests, versions });
  const app = await NestFactory.createMicroservice(module, {
    strategy: new BusServer(bus),
    logger: nestLogger(log),
  });
  await app.listen();
  const heartbeat = new Heartbeat(bus, versions, log);
  await heartbeat.start();
  const stop = async () => {
    heartbeat.stop();
    await app.close();
  };
  try {
    // After listening: while this waits for the vault or auth, edges go on deciding by what is in the catalogue.
    await applyAtStart({ catalogue, manifests }, config, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    notReady: () => (versions.databaseReachable ? null : 'the database cannot be reached'),
    async close() {
      await stop();
      await database.close();
    },
  };
}
