import { Failure } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { CatalogueRow } from '../catalogue/catalogue.entity.js';

const READ_LIMIT_MS = 4_000;
const TRUST_MS = 15 * 60_000;

type VersionByTenant = Readonly<Record<string, number>>;

/**
 * The version in force of every tenant, read from the database so that replicas agree.
 *
 * Calls must go on while Postgres is down, and edges decide for 60 s only after the last heartbeat. So what was read
 * last is repeated while the database cannot be read: nobody can change the catalogue there either. But a replica
 * that is cut off alone cannot know that, hence for 15 minutes and no longer.
 */
export class Versions {
  private last: { versions: VersionByTenant; at: number } | null = null;
  private reachable = true;

  constructor(
    private readonly database: Database,
    private readonly now: () => number = Date.now,
  ) {}

  get databaseReachable(): boolean {
    return this.reachable;
  }

  /** @throws Failure `database.unavailable` where what was read last is too old, or nothing was read yet */
  async inForce(): Promise<VersionByTenant> {
    try {
      const versions = await withinLimit(this.read());
      this.reachable = true;
      this.last = { versions, at: this.now() };
      return versions;
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'database.unavailable') throw error;
      this.reachable = false;
      if (this.last === null || this.now() - this.last.at > TRUST_MS) throw error;
      return this.last.versions;
    }
  }

  private read(): Promise<VersionByTenant> {
    return this.database.acrossTenants(async (manager) => {
      const rows = await manager.find(CatalogueRow);
      return Object.fromEntries(rows.map(({ tenant, version }) => [tenant, version]));
    });
  }
}

/** A server that does not answer at all must not silence the heartbeat. */
async function withinLimit<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Failure('database.unavailable')), READ_LIMIT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
