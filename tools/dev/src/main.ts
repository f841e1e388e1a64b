import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVICE_NAMES } from '@gatehouse/contracts';
import { askedToEnd, lockFolder, runMain } from '@gatehouse/runtime';
import { masterKey, openDatabases, Progress, readAllConfigs, startDemo } from 'gatehouse';
import { startBroker } from './broker.js';
import { Child } from './child.js';
import { Ingress } from './ingress.js';
import { freePort } from './ports.js';
import { serviceEnvironment, type Installed } from './service-environment.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Every service as a process of its own over a real broker and database, as docker-compose.yml lays them out. */
await runMain(async () => {
  const progress = new Progress();
  const config = readAllConfigs(process.env);
  const asked = askedToEnd();
  const publicUrl = config.GATEHOUSE_PUBLIC_URL ?? `http://127.0.0.1:${config.GATEHOUSE_PORT}`;
  const lock = await lockFolder(config.GATEHOUSE_DATA);
  const ingress = new Ingress();
  await ingress.listen(config.GATEHOUSE_PORT, config.GATEHOUSE_HOST);
  const master = await masterKey(config, progress);
  const database = await openDatabases(config, master, progress);
  const demo = await startDemo(config.GATEHOUSE_DATA, progress);
  progress.info('starting nats-server');
  const broker = await startBroker(await freePort());
  const manifests = join(config.GATEHOUSE_DATA, 'demo.yaml');
  await writeFile(manifests, demo.manifests.map((document) => JSON.stringify(document)).join('\n---\n'), {
    mode: 0o600,
  });
  const services = await startServices(ingress, {
    publicUrl,
    dataFolder: config.GATEHOUSE_DATA,
    natsUrls: broker.urls,
    databaseUrls: database.urls,
    master,
    manifests,
  });
  const mcp = `${publicUrl}/${config.GATEHOUSE_TENANT}/mcp/everything/server`;
  const pids = { ...services.pids(), nats: broker.child.pid };
  process.stdout.write(`${JSON.stringify({ ready: true, url: publicUrl, mcp, ...services.notes, pids })}\n`);

  const signal = await asked.onceReady();
  progress.info(`${signal}: stopping`);
  await services.stop();
  await ingress.close();
  await broker.child.stop();
  await demo.stop();
  await database.stop();
  await lock.release();
  process.exit(0);
});

/** Starts all services at once: each waits for what it needs. Resolves when all are ready. */
async function startServices(ingress: Ingress, installed: Installed) {
  const notes: Record<string, unknown> = {};
  process.setMaxListeners(0); // each child has one for our end
  const children = replicas().map(({ service, replica, name }) => {
    const child = new Child({
      name,
      command: process.execPath,
      args: [join(ROOT, 'apps', service, 'dist', 'main.js')],
      env: serviceEnvironment(service, installed),
      onReady: (port, line) => {
        ingress.route(service, replica, port);
        if (line['setup'] !== undefined) notes['setup'] = line['setup'];
      },
    });
    return { name, child };
  });
  await Promise.all(children.map(({ child }) => child.ready));
  return {
    notes,
    pids: () => Object.fromEntries(children.map(({ name, child }) => [name, child.pid])),
    stop: () => Promise.all(children.map(({ child }) => child.stop())),
  };
}

/** One process for each service; `DEV_AUTH_REPLICAS` for auth, which keeps nothing of its own. */
function replicas() {
  const count = (service: string) => (service === 'auth' ? Number(process.env['DEV_AUTH_REPLICAS'] ?? 1) : 1);
  return SERVICE_NAMES.flatMap((service) =>
    Array.from({ length: count(service) }, (_, replica) => {
      const name = replica === 0 ? service : `${service}-${replica + 1}`;
      return { service, replica, name };
    }),
  );
}
