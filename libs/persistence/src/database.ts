import type { EntityManager } from 'typeorm';

/** One service's own schema, under its own role. The only ways to a connection are these two. */
export abstract class Database {
  /**
   * Runs `work` in one transaction that sees and writes the rows of one tenant only: row-level security holds
   * even where a query forgets its WHERE.
   */
  abstract withTenant<T>(tenant: string, work: (manager: EntityManager) => Promise<T>): Promise<T>;

  /** Runs `work` in one transaction across all tenants: for start-up, compilation and protocol state. */
  abstract acrossTenants<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;

  /** True if the database answers. */
  abstract ping(): Promise<boolean>;

  abstract close(): Promise<void>;
}
