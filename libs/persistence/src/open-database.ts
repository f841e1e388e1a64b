import type { Client } from 'pg';
import { AbstractLogger, DataSource, type DataSourceOptions, type EntityManager } from 'typeorm';
import { Database } from './database.js';
import { DatabaseError, plainUrl } from './database-error.js';
import { ALL_TENANTS, TENANT_SETTING } from './tenant-policy.js';
import { asFailure } from './unavailable.js';
import { connectPatiently, CONNECT_TIMEOUT_MS, placeOf, type Patience } from './wait-for-postgres.js';

const STATEMENT_TIMEOUT_MS = 30_000;
/** A little longer, for a server that does not answer at all. */
const ANSWER_TIMEOUT_MS = 35_000;
/** The first half of the advisory lock's key, so that it meets nobody else's: "gate" in ASCII. */
export const LOCK_CLASS = 0x67617465;

export interface DatabaseOptions extends Patience {
  /** The service's own schema: its tables, and the table that lists its migrations. */
  readonly schema: string;
  readonly entities: NonNullable<DataSourceOptions['entities']>;
  readonly migrations: NonNullable<DataSourceOptions['migrations']>;
  /** Most connections at a time. */
  readonly poolSize?: number;
}

/**
 * Opens one service's schema: waits for the server, runs the migrations that are missing (one replica at a time) and
 * keeps a pool of connections, which survives a restart of the server.
 *
 * @throws DatabaseError if the server cannot be reached in time, refuses, or has not been prepared
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const client = await connectPatiently(options);
  try {
    await checkRole(client, options);
    await client.query('select pg_advisory_lock($1, hashtext($2))', [LOCK_CLASS, options.schema]);
    await migrate(options);
  } finally {
    await client.end();
  }
  const source = new DataSource(workingOptions(options));
  await source.initialize();
  return new PostgresDatabase(source);
}

interface RoleState {
  role: string;
  bypasses: boolean;
  schemaUsable: boolean | null;
}

/** A role that is exempt from row-level security would show every tenant's rows to everybody, silently. */
async function checkRole(client: Client, { schema, url }: DatabaseOptions): Promise<void> {
  const { rows } = await client.query<RoleState>(
    `select rolname as role, rolsuper or rolbypassrls as bypasses,
       has_schema_privilege(to_regnamespace(quote_ident($1))::oid, 'CREATE') as "schemaUsable"
     from pg_roles where rolname = current_user`,
    [schema],
  );
  const state = rows[0];
  const place = placeOf(plainUrl(url));
  if (!state || state.bypasses)
    throw new DatabaseError(
      `the role ${state?.role} at ${place} bypasses row-level security: use the service's own role, gatehouse_${schema}`,
    );
  if (!state.schemaUsable)
    throw new DatabaseError(
      `the role ${state.role} may not use the schema "${schema}" at ${place}, or there is none: run deploy/postgres/roles.sh first, or correct the user name in the database URL`,
    );
}

/** Migrations may take long and touch the rows of all tenants. They are undone together if one fails. */
async function migrate(options: DatabaseOptions): Promise<void> {
  const source = new DataSource({
    ...commonOptions(options),
    migrations: options.migrations,
    poolSize: 1,
    extra: { options: `-c search_path=${options.schema} -c ${TENANT_SETTING}=${ALL_TENANTS}` },
  });
  await source.initialize();
  try {
    const done = await source.runMigrations({ transaction: 'all' });
    if (done.length > 0)
      options.log?.info(`${options.schema}: migrated to ${done.map(({ name }) => name).join(', ')}`);
  } finally {
    await source.destroy();
  }
}

function workingOptions(options: DatabaseOptions) {
  return {
    ...commonOptions(options),
    entities: options.entities,
    poolSize: options.poolSize ?? 10,
    poolErrorHandler: (error: Error) =>
      options.log?.warn(`an idle database connection ended: ${error.message}`),
    extra: {
      options: `-c search_path=${options.schema}`,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
    },
  };
}

function commonOptions({ url, schema }: DatabaseOptions) {
  return {
    type: 'postgres',
    url: plainUrl(url),
    schema,
    applicationName: `gatehouse ${schema}`,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    // gen_random_uuid() is built in; a service's role may not install extensions.
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    synchronize: false,
    logging: false,
    logger: new Silent(),
  } as const;
}

/** TypeORM writes about migrations to standard output even if told not to log; all it says there is also thrown. */
class Silent extends AbstractLogger {
  protected override writeLog(): void {}
}

class PostgresDatabase extends Database {
  constructor(private readonly source: DataSource) {
    super();
  }

  async withTenant<T>(tenant: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (tenant === '' || tenant === ALL_TENANTS) throw new Error('withTenant() needs the name of one tenant');
    return this.transaction(tenant, work);
  }

  acrossTenants<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.transaction(ALL_TENANTS, work);
  }

  private async transaction<T>(tenant: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.source.transaction(async (manager) => {
        await manager.query('select set_config($1, $2, true)', [TENANT_SETTING, tenant]);
        return work(manager);
      });
    } catch (error) {
      throw asFailure(error);
    }
  }

  async ping(): Promise<boolean> {
    try {
      await this.source.query('select 1');
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await this.source.destroy();
  }
}
