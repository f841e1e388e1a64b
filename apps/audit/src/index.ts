import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { BusServer } from '@gatehouse/bus';
import { DatabasePulse, openDatabase } from '@gatehouse/persistence';
import { nestLogger, secret, type ServiceDefinition } from '@gatehouse/runtime';
import { z } from 'zod';
import { auditModule } from './audit.module.js';
import { migrations } from './migrations/index.js';

export { verifyChain, type ChainVerdict } from './chain/verify-chain.js';

const Config = z.object({ DATABASE_URL: secret() });

/** Takes in call records, chains them, answers searches. */
export const audit: ServiceDefinition<typeof Config> = {
  name: 'audit',
  config: Config,
  async start({ config, bus, log }) {
    const database = await openDatabase({
      url: config.DATABASE_URL,
      schema: 'audit',
      entities: [],
      migrations,
      log,
    });
    const app = await NestFactory.createMicroservice(auditModule(database, log), {
      strategy: new BusServer(bus),
      logger: nestLogger(log),
    });
    await app.listen();
    const pulse = new DatabasePulse(database);
    return {
      notReady: () => pulse.notReady(),
      async close() {
        pulse.stop();
        await app.close();
        await database.close();
      },
    };
  },
};
