import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from './database.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded/embedded-postgres.js';
import { openDatabase } from './open-database.js';
import { prepareDatabase } from './prepare-database.js';

const MINUTE = 60_000;

describe('a database that goes away', () => {
  let folder: string;
  let server: EmbeddedPostgres;
  let port: string;
  let url: string;
  let database: Database;

  const start = async () => {
    server = await startEmbeddedPostgres({ folder, settings: port ? { port } : {} });
    port = new URL(server.url).port;
  };
  const answer = (manager: { query(sql: string): Promise<unknown> }) => manager.query('select 42 as answer');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-outage-'));
    await start();
    const passwordFor = () => 'outage';
    url = (await prepareDatabase({ url: server.url, services: ['vault'], passwordFor })).vault;
    database = await openDatabase({ url, schema: 'vault', entities: [], migrations: [], poolSize: 1 });
  }, MINUTE);

  afterAll(async () => {
    await database?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }, MINUTE);

  it(
    'is database.unavailable while it is down, and serves the next call when it is back',
    async () => {
      expect(await database.ping()).toBe(true);
      await server.stop();
      await expect(database.withTenant('acme', answer)).rejects.toMatchObject({
        name: 'Failure',
        code: 'database.unavailable',
      });
      expect(await database.ping()).toBe(false);
      await start();
      expect(await database.withTenant('acme', answer)).toEqual([{ answer: 42 }]);
    },
    MINUTE,
  );

  it(
    'is database.unavailable to work that it interrupts',
    async () => {
      const work = database.withTenant('acme', async (manager) => {
        await manager.query('select 1');
        await server.stop();
        return answer(manager);
      });
      await expect(work).rejects.toMatchObject({ code: 'database.unavailable' });
      await start();
      expect(await database.withTenant('acme', answer)).toEqual([{ answer: 42 }]);
    },
    MINUTE,
  );

  it(
    'is database.unavailable when all connections are taken for too long',
    async () => {
      await database.withTenant('acme', async () => {
        await expect(database.withTenant('acme', answer)).rejects.toMatchObject({
          code: 'database.unavailable',
        });
      });
    },
    MINUTE,
  );

  it(
    'is waited for at start',
    async () => {
      await server.stop();
      let told: () => void;
      const waiting = new Promise<void>((resolve) => (told = resolve));
      const log = { info: () => undefined, warn: () => told() };
      const opening = openDatabase({ url, schema: 'vault', entities: [], migrations: [], log });
      await waiting;
      await start();
      const late = await opening;
      expect(await late.ping()).toBe(true);
      await late.close();
    },
    MINUTE,
  );
});
