import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/persistence';
import type { AccessEnded } from '@gatehouse/contracts';
import { errors, type AdapterPayload } from 'oidc-provider';
import { IsNull, LessThan, type EntityManager } from 'typeorm';
import { digest } from '../opaque-secret.js';
import { EndedAccessRow } from '../tokens/tokens.entity.js';
import { OidcStateRow } from './oidc.entity.js';
import { PersonRow } from '../people/people.entity.js';
import { EndedAccess } from '../tokens/ended-access.store.js';
import { tellOutage } from './outage.js';

const DAY_MS = 86_400_000;
/** For how long a refresh token that was replaced still works, unless its successor is used before. */
const GRACE_MS = 60_000;
/** Issued while the grant was being ended: a racing request may be a little ahead. */
const RACE_SECONDS = 60;
/** Models whose id is no secret. Of all others only a hash of the id is stored. */
const PUBLIC_IDS = new Set(['Grant', 'Interaction']);

/** The authorization server's state in the database, but for its clients. It belongs to no tenant: it exists before the person is known. */
@Injectable()
export class OidcState {
  constructor(
    private readonly database: Database,
    private readonly endedAccess: EndedAccess,
  ) {}

  /**
   * @param expiresIn in seconds
   * @param predecessor of a refresh token: the value that it replaces
   */
  async save(
    model: string,
    id: string,
    state: { payload: AdapterPayload; expiresIn: number; predecessor?: string | undefined },
  ): Promise<void> {
    const row = {
      model,
      id: storedId(model, id),
      payload: withoutSecrets(state.payload),
      grantId: state.payload.grantId ?? null,
      uid: model === 'Session' ? (state.payload.uid ?? null) : null,
      predecessor: state.predecessor === undefined ? null : digest(state.predecessor),
      expiresAt: new Date(Date.now() + state.expiresIn * 1_000),
    };
    await this.run((manager) => manager.upsert(OidcStateRow, row, ['model', 'id']));
  }

  async find(model: string, id: string): Promise<AdapterPayload | undefined> {
    return this.run(async (manager) => {
      const row = await manager.findOneBy(OidcStateRow, { model, id: storedId(model, id) });
      if (!row) return undefined;
      const spent = row.consumedAt !== null && !(await inGrace(manager, row));
      return { ...row.payload, jti: id, ...(spent ? { consumed: epochSeconds(row.consumedAt) } : {}) };
    });
  }

  /** A session by what other rows call it; its id, the cookie's value, is known to the browser alone. */
  async findSession(uid: string): Promise<AdapterPayload | undefined> {
    const row = await this.run((manager) => manager.findOneBy(OidcStateRow, { model: 'Session', uid }));
    return row?.payload as AdapterPayload | undefined;
  }

  async endSession(uid: string): Promise<void> {
    await this.run((manager) => manager.delete(OidcStateRow, { model: 'Session', uid }));
  }

  /**
   * Marks a code or refresh token as used. Of two requests with one code, one wins; the code was stolen or the client
   * is broken, so the grant ends.
   *
   * @throws errors.InvalidGrant for the other
   */
  async consume(model: string, id: string): Promise<void> {
    const where = { model, id: storedId(model, id) };
    const used = await this.run(async (manager) => {
      const row = await manager.findOneBy(OidcStateRow, where);
      const unused = { ...where, consumedAt: IsNull() };
      const { affected } = await manager.update(OidcStateRow, unused, { consumedAt: new Date() });
      return { first: affected === 1, grantId: row?.grantId };
    });
    if (used.first || model !== 'AuthorizationCode') return;
    if (used.grantId) await this.endGrant(used.grantId);
    throw new errors.InvalidGrant('authorization code already consumed');
  }

  async remove(model: string, id: string): Promise<void> {
    await this.run((manager) => manager.delete(OidcStateRow, { model, id: storedId(model, id) }));
  }

  /** Ends a grant with everything issued under it, on every edge. */
  async endGrant(grantId: string): Promise<void> {
    const ended = await this.run(async (manager) => {
      const grant = await manager.findOneBy(OidcStateRow, { model: 'Grant', id: grantId });
      await manager.delete(OidcStateRow, { grantId });
      await manager.delete(OidcStateRow, { model: 'Grant', id: grantId });
      const ended = grant && (await endOf(manager, grant));
      if (ended) await this.endedAccess.record(manager, ended);
      return ended;
    });
    if (ended) this.endedAccess.tell(ended);
  }

  async removeExpired(): Promise<void> {
    await this.database.acrossTenants(async (manager) => {
      await manager.delete(OidcStateRow, { expiresAt: LessThan(new Date()) });
      await manager.delete(EndedAccessRow, { ended: LessThan(new Date(Date.now() - DAY_MS)) });
    });
  }

  private run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return tellOutage(() => this.database.acrossTenants(work));
  }
}

function storedId(model: string, id: string): string {
  return PUBLIC_IDS.has(model) ? id : digest(id);
}

/** The engine repeats secrets in what it stores: a token's value as `jti`, a session's cookie in its interactions. */
function withoutSecrets(payload: AdapterPayload): AdapterPayload {
  const { jti: _, ...rest } = payload;
  if (rest.session) {
    const { cookie: _, ...session } = rest.session;
    return { ...rest, session };
  }
  return rest;
}

/**
 * Clients with several processes share one refresh token, and answers get lost: a replaced token stays good until a
 * successor of its own is used, and for a minute at most.
 */
async function inGrace(manager: EntityManager, row: OidcStateRow): Promise<boolean> {
  if (row.model !== 'RefreshToken' || !row.consumedAt) return false;
  if (Date.now() - row.consumedAt.getTime() > GRACE_MS) return false;
  const successors = await manager.findBy(OidcStateRow, { model: row.model, predecessor: row.id });
  return successors.every((successor) => successor.consumedAt === null);
}

async function endOf(manager: EntityManager, grant: OidcStateRow): Promise<AccessEnded | null> {
  const person = await manager.findOneBy(PersonRow, {
    id: (grant.payload as AdapterPayload).accountId ?? '',
  });
  const before = epochSeconds(new Date()) + RACE_SECONDS;
  return person && { tenant: person.tenant, kind: 'grant', id: grant.id, before };
}

function epochSeconds(date: Date | null): number {
  return Math.floor((date?.getTime() ?? 0) / 1_000);
}
