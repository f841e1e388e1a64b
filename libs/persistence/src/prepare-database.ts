import { Client, escapeLiteral } from 'pg';
import { DatabaseError, plainUrl } from './database-error.js';
import { LOCK_CLASS } from './open-database.js';
import { scramVerifier } from './scram-verifier.js';
import { databaseStatements, roleOf, serviceStatements } from './service-role.js';
import { connectPatiently, type Patience } from './wait-for-postgres.js';

export interface Preparation<Service extends string> extends Patience {
  readonly services: readonly Service[];
  readonly passwordFor: (service: Service) => string;
  /** Refuse where a role is there with another password: it is somebody else's, who would be locked out. */
  readonly takeNoRoleOver?: boolean;
}

/**
 * Gives each service its role (`gatehouse_<service>`) and its schema, by an administrator's URL. All or nothing, and
 * safe when two start at once.
 *
 * @returns each service's own URL, password included
 * @throws DatabaseError if the server cannot be reached in time or refuses
 */
export async function prepareDatabase<Service extends string>(
  preparation: Preparation<Service>,
): Promise<Record<Service, string>> {
  const { services, passwordFor } = preparation;
  const client = await connectPatiently(preparation);
  const statements = services.flatMap((service) =>
    serviceStatements(service, escapeLiteral(scramVerifier(passwordFor(service)))),
  );
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1, 0)', [LOCK_CLASS]);
    if (preparation.takeNoRoleOver) await checkRolesAreOurs(client, preparation);
    for (const statement of [...databaseStatements, ...statements]) await client.query(statement);
    await client.query('commit');
  } finally {
    await client.end();
  }
  const urls = services.map((service) => [
    service,
    urlFor(plainUrl(preparation.url), roleOf(service), passwordFor(service)),
  ]);
  return Object.fromEntries(urls) as Record<Service, string>;
}

/** @throws DatabaseError naming the role whose password is not the one that we would give it */
async function checkRolesAreOurs<Service extends string>(
  client: Client,
  { url, services, passwordFor }: Preparation<Service>,
): Promise<void> {
  const names = services.map(roleOf);
  const { rows } = await client.query<{ rolname: string }>(
    'select rolname from pg_roles where rolname = any($1)',
    [names],
  );
  for (const service of services) {
    if (!rows.some(({ rolname }) => rolname === roleOf(service))) continue;
    const own = new Client({
      connectionString: urlFor(plainUrl(url), roleOf(service), passwordFor(service)),
    });
    try {
      await own.connect();
    } catch (error) {
      if ((error as { code?: string }).code !== '28P01') throw error;
      throw new DatabaseError(
        `the role ${roleOf(service)} on this Postgres server has another password than this master key gives it: ` +
          'put back the master key of this installation, or use a Postgres server that no other Gatehouse uses',
      );
    } finally {
      await own.end().catch(() => undefined);
    }
  }
}

function urlFor(administrator: string, role: string, password: string): string {
  const url = new URL(administrator);
  url.username = role;
  url.password = encodeURIComponent(password);
  return url.href;
}
