import type { EntityManager } from 'typeorm';
import { OidcStateRow } from '../oidc.entity.js';

/** Of the rows that belong to an account. The first half is the predicate of the index. */
export const OF_ACCOUNT = `payload ? 'accountId' AND payload->>'accountId' = ANY(:accounts)`;
/** A sign-in under way, by which a browser would get a new session. */
const UNDER_WAY = `model = 'Interaction' AND
  (payload->'session'->>'accountId' = ANY(:accounts) OR payload->'result'->'login'->>'accountId' = ANY(:accounts))`;

/** Forgets the browser sessions of people, their grants, and everything that was issued under these. */
export async function removeSignIns(manager: EntityManager, accounts: readonly string[]): Promise<void> {
  for (const condition of [OF_ACCOUNT, UNDER_WAY])
    await manager
      .createQueryBuilder()
      .delete()
      .from(OidcStateRow)
      .where(condition, { accounts: [...accounts] })
      .execute();
}
