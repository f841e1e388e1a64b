import { askedToEnd, createLogger, endOnBug, Front, lockFolder } from '@gatehouse/runtime';
import { startDemo } from '../demo/demo.js';
import type { AllInOneConfig } from './config.js';
import { openDatabases } from './databases.js';
import { masterKey } from './master-key.js';
import { Progress } from './progress.js';
import {
  byPath,
  firstReason,
  readAllConfigs,
  startServices,
  stopServices,
  type StartedService,
} from './services.js';

/** Everything in one process, in the foreground, until it is told to end. */
export async function allInOne(): Promise<void> {
  const progress = new Progress();
  endOnBug(createLogger('gatehouse'));
  const config = readAllConfigs(process.env);
  const asked = askedToEnd();
  const publicUrl = config.GATEHOUSE_PUBLIC_URL ?? `http://127.0.0.1:${config.GATEHOUSE_PORT}`;
  const lock = await lockFolder(config.GATEHOUSE_DATA);
  const started: StartedService[] = [];
  // before anything else, for that the port is taken is better known before a database is made
  const front = await Front.open({
    host: config.GATEHOUSE_HOST,
    port: config.GATEHOUSE_PORT,
    metricsPort: config.GATEHOUSE_METRICS_PORT,
    listener: byPath(started),
    notReady: () => firstReason(started),
  });
  const master = await masterKey(config, progress);
  const databases = await openDatabases(config, master, progress);
  const demo = config.GATEHOUSE_DEMO === '1' ? await startDemo(config.GATEHOUSE_DATA, progress) : null;
  const services = await startServices({
    natsUrl: config.NATS_URL,
    progress,
    environmentOf: (service) => ({
      GATEHOUSE_ALLOW_PRIVATE: '127.0.0.0/8,::1/128',
      EDGE_SHOW_CALLS: process.stderr.isTTY ? '1' : '0',
      ...process.env,
      GATEHOUSE_PUBLIC_URL: publicUrl,
      GATEHOUSE_DATA: config.GATEHOUSE_DATA,
      DATABASE_URL: databases.urls[service],
      ...(service === 'vault' ? master : { GATEHOUSE_MASTER_KEY: undefined }),
      ...(service === 'policy' && demo && { POLICY_MANIFESTS: JSON.stringify(demo.manifests) }),
    }),
  });
  started.push(...services);
  announce(publicUrl, config, started);
  const signal = await asked.onceReady();
  progress.info(`${signal}: finishing what is running`);
  await front.drain(signal !== 'SIGTERM');
  await stopServices(started);
  await demo?.stop();
  await databases.stop();
  await lock.release();
  process.exit(0);
}

function announce(url: string, config: AllInOneConfig, started: readonly StartedService[]): void {
  const mcp = `${url}/${config.GATEHOUSE_TENANT}/mcp/everything/server`;
  const setup = started.map(({ running }) => running.notes?.['setup']).find((link) => link !== undefined);
  if (setup) process.stderr.write(`\n  First make yourself the administrator:  ${setup}\n`);
  process.stderr.write(`\n  Paste this URL into your AI client:     ${mcp}\n`);
  process.stderr.write(`  Or open it in a browser to see how.\n\n`);
  process.stdout.write(`${JSON.stringify({ ready: true, url, mcp, ...(setup && { setup }) })}\n`);
}
