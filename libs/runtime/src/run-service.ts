import { connectNats } from '@gatehouse/bus';
import { z } from 'zod';
import { readConfig } from './config.js';
import { Front } from './front.js';
import { createLogger, type Logger } from './log.js';
import { secret } from './secret.js';
import type { ServiceDefinition } from './service.js';
import { runMain, StartError } from './start-error.js';

/** What every process needs to know, whichever service it runs. */
export const ProcessConfig = z.object({
  GATEHOUSE_HOST: z.string().default('127.0.0.1').describe('Address to listen on.'),
  GATEHOUSE_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8080)
    .describe("Port to listen on; 0 picks a free one in a service's own process."),
  GATEHOUSE_METRICS_PORT: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe('A port of its own for `/metrics`; where unset, `/metrics` is served beside everything else.'),
});

/** The same, and what only a service in a process of its own needs. */
export const OwnProcessConfig = ProcessConfig.extend({ NATS_URL: secret() });

/**
 * Listens for the signals that ask this process to end, the closing of its terminal included. One that comes while it still starts ends it at once, but by
 * `process.exit`, so that what it started goes with it.
 */
export function askedToEnd(): { onceReady(): Promise<NodeJS.Signals> } {
  let answer: (signal: NodeJS.Signals) => void = () => process.exit(1);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => answer(signal));
  return { onceReady: () => new Promise((resolve) => (answer = resolve)) };
}

/** Logs what nobody caught, and ends the process: its state is unknown from there on. */
export function endOnBug(log: Logger): void {
  for (const kind of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(kind, (error: unknown) => {
      log.fatal({ err: error }, kind);
      process.exit(70);
    });
}

/** Runs one service as a process of its own, over NATS, until it is told to end. */
export async function runService(definition: ServiceDefinition): Promise<void> {
  await runMain(async () => {
    const log = createLogger(definition.name);
    endOnBug(log);
    const asked = askedToEnd();
    readConfig(OwnProcessConfig.extend(definition.config.shape), process.env); // every fault in one message
    const settings = readConfig(OwnProcessConfig, process.env);
    const config = readConfig(definition.config, process.env);
    const bus = await connectNats({
      url: settings.NATS_URL.reveal(),
      service: definition.name,
      onStatus: (line: string) => log.warn(line),
      onBug: (error: unknown, subject: string) => log.error({ err: error, subject }, 'a handler failed'),
    }).catch((error: unknown) => {
      throw new StartError(error instanceof Error ? error.message : String(error));
    });
    const running = await definition.start({ config, bus, log });
    const front = await Front.open({
      host: settings.GATEHOUSE_HOST,
      port: settings.GATEHOUSE_PORT,
      metricsPort: settings.GATEHOUSE_METRICS_PORT,
      listener: running.listener,
      notReady: () => (bus.connected ? running.notReady() : 'the message bus cannot be reached'),
    });
    for (const [name, text] of Object.entries(running.notes ?? {})) log.warn({ [name]: text }, name);
    process.stdout.write(
      `${JSON.stringify({ ready: true, service: definition.name, port: front.port, ...running.notes })}\n`,
    );
    const signal = await asked.onceReady();
    log.info({ signal }, 'draining');
    await front.drain(signal !== 'SIGTERM');
    await bus.drain();
    await running.close();
    process.exit(0);
  });
}
