import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './root.mjs';

/** What a power cut destroys is only a test's. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '300' };

/** Runs `work` with the address of a Postgres that all test files share: TEST_DATABASE_URL, or an embedded one. */
export async function withPostgres(work) {
  if (process.env.TEST_DATABASE_URL) return work({});
  const { startEmbeddedPostgres } = await import(join(ROOT, 'libs/persistence/dist/index.js'));
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-test-postgres-'));
  const server = await startEmbeddedPostgres({ folder, settings: SETTINGS });
  try {
    return await work({ TEST_DATABASE_URL: server.url });
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
