import type { Client } from '@gatehouse/contracts';
import type { EntityManager } from 'typeorm';

/** Own clients, those that people have approved, and those that are blocked, whether known at the moment or not. */
const CLIENTS = `
WITH concerned AS (
  SELECT id FROM client WHERE tenant = $1
  UNION SELECT client FROM approval WHERE tenant = $1
  UNION SELECT client FROM blocked_client WHERE tenant = $1
)
SELECT id, source, metadata, people, approved, blocked IS NOT NULL AS blocked
FROM concerned
  LEFT JOIN (SELECT * FROM client WHERE tenant IS NULL OR tenant = $1) AS known USING (id)
  LEFT JOIN (SELECT client AS id, blocked FROM blocked_client WHERE tenant = $1) AS block USING (id)
  CROSS JOIN LATERAL (
    SELECT count(DISTINCT person)::int AS people, max(approved) AS approved
    FROM approval WHERE tenant = $1 AND client = concerned.id
  ) AS approvals
WHERE (source IS NOT NULL OR blocked IS NOT NULL)
  AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR id > $3)
ORDER BY id LIMIT $4`;

interface Found {
  readonly id: string;
  readonly source: Client['source'] | null;
  readonly metadata: Record<string, unknown> | null;
  readonly people: number;
  readonly approved: Date | null;
  readonly blocked: boolean;
}

/** The clients that concern a tenant, by id; or the one with an id. */
export async function findClients(
  manager: EntityManager,
  wanted: { tenant: string; id?: string; after?: string | null; limit: number },
): Promise<Client[]> {
  const { tenant, id = null, after = null, limit } = wanted;
  const rows = await manager.query<Found[]>(CLIENTS, [tenant, id, after, limit]);
  return rows.map(shown);
}

function shown({ id, source, metadata, people, approved, blocked }: Found): Client {
  const text = (name: string) => metadata?.[name] as string | undefined;
  return {
    id,
    source: source ?? 'document',
    name: text('client_name') ?? id,
    redirectUris: (metadata?.['redirect_uris'] as string[] | undefined) ?? [],
    jwksUri: text('jwks_uri') ?? null,
    authentication: (text('token_endpoint_auth_method') ?? 'client_secret_basic') as Client['authentication'],
    people,
    lastApproved: approved?.toISOString() ?? null,
    blocked,
  };
}
