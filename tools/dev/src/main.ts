import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVICE_NAMES, type ServiceName } from '@gatehouse/contracts';
import { lockFolder, readConfig, runMain, Secret, untilAskedToEnd } from '@gatehouse/runtime';
import { AllInOneConfig, masterKey, openDatabases, Progress, startDemo } from 'gatehouse';
import { startBroker } from './broker.js';
import { Child } from './child.js';
import { Ingress } from './ingress.js';
import { freePort } from './ports.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Every service as a process of its own over a real broker and database, as docker-compose.yml lays them out. */
await runMain(async () => {
  const progress = new Progress();
  const config = readConfig(AllInOneConfig, process.env);
  const url = config.GATEHOUSE_PUBLIC_URL ?? `http://127.0.0.1:${config.GATEHOUSE_PORT}`;
  const lock = await lockFolder(config.GATEHOUSE_DATA);
  const master = await masterKey(config, progress);
  const database = await openDatabases(config, master, progress);
  const demo = await startDemo(config.GATEHOUSE_DATA, progress);
  progress.info('starting nats-server');
  const broker = await startBroker(await freePort());
  const manifests = join(config.GATEHOUSE_DATA, 'demo.yaml');
  await writeFile(manifests, demo.manifests.map((document) => JSON.stringify(document)).join('\n---\n'), {
    mode: 0o600,
  });

  const ingress = new Ingress();
  const notes: Record<string, unknown> = {};
  const start = (name: ServiceName) => {
    progress.info(`starting ${name}`);
    return new Child({
      name,
      command: process.execPath,
      args: [join(ROOT, 'apps', name, 'dist', 'main.js')],
      env: { ...sharedEnvironment(config, url), ...ownEnvironment(name) },
      onReady: (port, { ready: _, service: __, port: ___, ...more }) => {
        ingress.route(name, port);
        Object.assign(notes, more);
      },
    });
  };

  /** Only what this one service may know. */
  function ownEnvironment(name: ServiceName): Record<string, string> {
    const own = {
      NATS_URL: broker.urls[name],
      DATABASE_URL: database.urls[name],
      ...(name === 'vault' && master),
      ...(name === 'policy' && { GATEHOUSE_APPLY: process.env['GATEHOUSE_APPLY'] ?? manifests }),
      ...(name === 'edge' && {
        GATEHOUSE_ALLOW_PRIVATE: process.env['GATEHOUSE_ALLOW_PRIVATE'] ?? '127.0.0.0/8,::1/128',
      }),
    };
    return Object.fromEntries(
      Object.entries(own).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, value instanceof Secret ? value.reveal() : String(value)]],
      ),
    );
  }

  const children = SERVICE_NAMES.map((name) => ({ name, child: start(name) }));
  await Promise.all(children.map(({ child }) => child.ready));
  await ingress.listen(config.GATEHOUSE_PORT, config.GATEHOUSE_HOST);
  const pids = Object.fromEntries(children.map(({ name, child }) => [name, child.pid]));
  const mcp = `${url}/${config.GATEHOUSE_TENANT}/mcp/everything/server`;
  process.stdout.write(
    `${JSON.stringify({ ready: true, url, mcp, ...notes, pids: { ...pids, nats: broker.child.pid } })}\n`,
  );

  const signal = await untilAskedToEnd();
  progress.info(`${signal}: stopping`);
  await ingress.close();
  await Promise.all(children.map(({ child }) => child.stop()));
  await broker.child.stop();
  await demo.stop();
  await database.stop();
  await lock.release();
  process.exit(0);
});

/** What every process gets: where it is, and settings of the person who started this. No secret. */
function sharedEnvironment(config: AllInOneConfig, url: string): Record<string, string> {
  const passed = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(DATABASE_URL|NATS_URL|GATEHOUSE_(MASTER_KEY.*|PORT|HOST))$/.test(name),
  );
  return {
    ...(Object.fromEntries(passed) as Record<string, string>),
    GATEHOUSE_PUBLIC_URL: url,
    GATEHOUSE_DATA: config.GATEHOUSE_DATA,
    GATEHOUSE_PORT: '0',
  };
}
