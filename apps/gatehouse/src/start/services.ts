import type { IncomingMessage, ServerResponse } from 'node:http';
import { audit } from '@gatehouse/audit-service';
import { auth } from '@gatehouse/auth-service';
import { connectNats, MemoryBroker, type Bus, type NatsOptions } from '@gatehouse/bus';
import { consoleService } from '@gatehouse/console-service';
import type { ServiceName } from '@gatehouse/contracts';
import { edge } from '@gatehouse/edge-service';
import { policy } from '@gatehouse/policy-service';
import {
  createLogger,
  readConfig,
  routeOf,
  StartError,
  type RunningService,
  type Secret,
  type ServiceDefinition,
} from '@gatehouse/runtime';
import { vault } from '@gatehouse/vault-service';
import { z } from 'zod';
import { AllInOneConfig } from './config.js';
import type { Progress } from './progress.js';

/** In the order in which they need each other. */
export const SERVICES: readonly ServiceDefinition[] = [vault, auth, policy, audit, consoleService, edge];

export interface StartedService {
  readonly name: ServiceName;
  readonly running: RunningService;
  readonly bus: Bus;
}

/**
 * Reads our own settings, and those of every service before any is started, so that all faults are told at once.
 *
 * @throws ConfigError naming every variable at fault
 */
export function readAllConfigs(environment: NodeJS.ProcessEnv): AllInOneConfig {
  const shapes = SERVICES.map(({ config }) => config.shape);
  readConfig(z.object(Object.assign({}, AllInOneConfig.shape, ...shapes) as z.ZodRawShape), {
    ...environment,
    // what a service must be given and we provide
    DATABASE_URL: environment['DATABASE_URL'] || 'the embedded one',
    GATEHOUSE_PUBLIC_URL: environment['GATEHOUSE_PUBLIC_URL'] || 'http://127.0.0.1',
  });
  return readConfig(AllInOneConfig, environment);
}

/** Starts every service in this process, each with a connection to the bus of its own. */
export async function startServices(options: {
  environmentOf: (service: ServiceName) => Readonly<Record<string, unknown>>;
  natsUrl: Secret | undefined;
  progress: Progress;
}): Promise<StartedService[]> {
  const broker = new MemoryBroker();
  const started: StartedService[] = [];
  for (const definition of SERVICES) {
    options.progress.info(`starting ${definition.name}`);
    const log = createLogger(definition.name);
    const onBug = (error: unknown, subject: string) => log.error({ err: error, subject }, 'a handler failed');
    const bus = options.natsUrl
      ? await overNats(definition.name, options.natsUrl, {
          onBug,
          onStatus: (line) => options.progress.info(line),
        })
      : broker.connect(definition.name, { onBug });
    const config = readConfig(definition.config, options.environmentOf(definition.name));
    started.push({ name: definition.name, bus, running: await definition.start({ config, bus, log }) });
  }
  return started;
}

/** In reverse: nothing is taken in any more before what it needs goes away. */
export async function stopServices(started: readonly StartedService[]): Promise<void> {
  for (const { running } of [...started].reverse()) await running.close();
  for (const { bus } of started) await bus.drain();
}

/** Gives each request to the service whose public path it names; 503 where that has not started yet. */
export function byPath(started: readonly StartedService[]) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const name = routeOf(request.url ?? '/');
    const listener = started.find((service) => service.name === name)?.running.listener;
    if (listener) listener(request, response);
    else response.writeHead(503, { 'retry-after': '1' }).end();
  };
}

/** Why the installation is not ready, if it is not. */
export function firstReason(started: readonly StartedService[]): string | null {
  if (started.length < SERVICES.length) return 'starting';
  for (const { name, running, bus } of started) {
    const reason = bus.connected ? running.notReady() : 'the message bus cannot be reached';
    if (reason !== null) return `${name}: ${reason}`;
  }
  return null;
}

async function overNats(service: ServiceName, url: Secret, told: Pick<NatsOptions, 'onBug' | 'onStatus'>) {
  try {
    return await connectNats({ url: url.reveal(), service, ...told });
  } catch (error) {
    throw new StartError((error as Error).message);
  }
}
