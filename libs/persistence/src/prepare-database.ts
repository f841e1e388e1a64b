import { escapeLiteral } from 'pg';
import { plainUrl } from './database-error.js';
import { LOCK_CLASS } from './open-database.js';
import { scramVerifier } from './scram-verifier.js';
import { databaseStatements, roleOf, serviceStatements } from './service-role.js';
import { connectPatiently, type Patience } from './wait-for-postgres.js';

export interface Preparation<Service extends string> extends Patience {
  readonly services: readonly Service[];
  readonly passwordFor: (service: Service) => string;
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

function urlFor(administrator: string, role: string, password: string): string {
  const url = new URL(administrator);
  url.username = role;
  url.password = encodeURIComponent(password);
  return url.href;
}
