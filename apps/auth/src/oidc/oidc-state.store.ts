import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/persistence';
import type { AccessEnded } from '@gatehouse/contracts';
import { errors, type AdapterPayload } from 'oidc-provider';
import { IsNull, LessThan, Raw, type EntityManager } from 'typeorm';
import { digest } from '../opaque-secret.js';
import { EndedAccessRow } from '../tokens/tokens.entity.js';
import { OidcStateRow } from './oidc.entity.js';
import { PersonRow } from '../people/people.entity.js';
import { SecurityEvents } from '../security-events/security-events.store.js';
import { EndedAccess } from '../tokens/ended-access.store.js';
import { tellOutage } from './outage.js';

const DAY = 86_400;
/** Seconds for which a code is good. */
export const CODE_LIFETIME = 60;
/** Issued while the grant was being ended: a racing request may be a little ahead. */
const RACE_SECONDS = 60;
/** Models whose id is no secret. Of all others only a hash of the id is stored. */
const PUBLIC_IDS = new Set(['Grant', 'Interaction']);

/**
 * Clients with several processes share one refresh token, and answers get lost: a replaced token stays good until a
 * successor of its own is used, and for a minute at most.
 */
const IN_GRACE = `
  state.model = 'RefreshToken' AND state.consumed_at BETWEEN clock_timestamp() - interval '60 s' AND clock_timestamp()
  AND NOT EXISTS (
    SELECT FROM oidc_state AS successor WHERE successor.model = state.model
      AND successor.predecessor = state.id AND successor.consumed_at IS NOT NULL
  )`;

const FIND = `
  SELECT payload, extract(epoch FROM expires_at - clock_timestamp())::float8 AS remaining,
    CASE WHEN ${IN_GRACE} THEN NULL ELSE extract(epoch FROM consumed_at)::float8 END AS spent
  FROM oidc_state AS state WHERE expires_at > clock_timestamp() AND model = $1 AND state`;

interface Found {
  readonly payload: AdapterPayload;
  /** Seconds until it expires. */
  readonly remaining: number;
  /** When it was used up, in seconds since the epoch; null if it is good. */
  readonly spent: number | null;
}

/** What events call these models. */
const NAMES: Readonly<Record<string, string>> = { AuthorizationCode: 'code', RefreshToken: 'refresh_token' };

/** Why a grant ended, as a security event. */
export type GrantEnd = 'grant.revoked' | 'code.replayed' | 'refresh_token.replayed';

/**
 * The authorization server's state in the database, but for its clients. It belongs to no tenant: it exists before
 * the person is known. All times are the database's: the clocks of replicas differ.
 */
@Injectable()
export class OidcState {
  constructor(
    private readonly database: Database,
    private readonly endedAccess: EndedAccess,
    private readonly events: SecurityEvents,
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
      expiresAt: () => inSeconds(state.expiresIn),
    };
    await this.run((manager) => manager.upsert(OidcStateRow, row, ['model', 'id']));
  }

  async find(model: string, id: string): Promise<AdapterPayload | undefined> {
    return this.run(async (manager) => {
      const [found] = await manager.query<Found[]>(`${FIND}.id = $2`, [model, storedId(model, id)]);
      if (!found) return undefined;
      // The clock was set back since: nobody knows how old it is.
      if (model === 'AuthorizationCode' && found.remaining > CODE_LIFETIME) return undefined;
      return { ...payloadOf(found), jti: id };
    });
  }

  /** A session by what other rows call it; its id, the cookie's value, is known to the browser alone. */
  async findSession(uid: string): Promise<AdapterPayload | undefined> {
    const [found] = await this.run((manager) => manager.query<Found[]>(`${FIND}.uid = $2`, ['Session', uid]));
    return found && payloadOf(found);
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
    const row = { model, id: storedId(model, id) };
    const again = await this.run(async (manager) => {
      const used = { consumedAt: () => 'clock_timestamp()' };
      const { affected } = await manager.update(OidcStateRow, { ...row, consumedAt: IsNull() }, used);
      return affected === 1 ? null : { grantId: (await manager.findOneBy(OidcStateRow, row))?.grantId };
    });
    if (!again || model !== 'AuthorizationCode') return;
    if (again.grantId) await this.endGrant(again.grantId, 'code.replayed');
    throw new errors.InvalidGrant('authorization code already consumed');
  }

  async remove(model: string, id: string): Promise<void> {
    await this.run((manager) => manager.delete(OidcStateRow, { model, id: storedId(model, id) }));
  }

  /** Ends a grant with everything issued under it, on every edge. */
  async endGrant(grantId: string, kind: GrantEnd): Promise<void> {
    const row = { model: 'Grant', id: grantId };
    const ended = await this.run(async (manager) => {
      // Locked: of many replays at once one ends the grant and tells of it.
      const grant = await manager.findOne(OidcStateRow, {
        where: row,
        lock: { mode: 'pessimistic_write' },
      });
      await manager.delete(OidcStateRow, { grantId });
      await manager.delete(OidcStateRow, row);
      const ended = grant && (await endOf(manager, grant));
      if (!ended) return null;
      await this.endedAccess.record(manager, ended);
      const { accountId: subject, clientId: client } = grant.payload as AdapterPayload;
      await this.events.record(manager, {
        ...{ tenant: ended.tenant, kind, detail: { grant: grantId } },
        ...{ subject: subject ?? null, client: client ?? null },
      });
      return ended;
    });
    if (ended) this.endedAccess.tell(ended);
  }

  /** Another client than its own came with a code or a refresh token, which stays good: it may have been stolen. */
  async noteMisuse(model: string, id: string, client: string): Promise<void> {
    await this.run(async (manager) => {
      const row = await manager.findOneBy(OidcStateRow, { model, id: storedId(model, id) });
      const { accountId: subject, clientId: owner } = (row?.payload ?? {}) as AdapterPayload;
      const person = subject && (await manager.findOneBy(PersonRow, { id: subject }));
      if (!person) return;
      const detail = { grant: row?.grantId, owner };
      await this.events.record(manager, {
        ...{ tenant: person.tenant, kind: `${NAMES[model]}.misused`, subject: person.id, client, detail },
      });
    });
  }

  async removeExpired(): Promise<void> {
    await this.database.acrossTenants(async (manager) => {
      await manager.delete(OidcStateRow, { expiresAt: Raw((column) => `${column} < now()`) });
      await manager.delete(EndedAccessRow, { ended: LessThan(new Date(Date.now() - DAY * 1_000)) });
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

/** The engine compares times with this process's clock: an expiry becomes what it is by that clock. */
function payloadOf({ payload, remaining, spent }: Found): AdapterPayload {
  const exp = epochSeconds() + Math.ceil(remaining);
  return { ...payload, exp, ...(spent === null ? {} : { consumed: spent }) };
}

async function endOf(manager: EntityManager, grant: OidcStateRow): Promise<AccessEnded | null> {
  const person = await manager.findOneBy(PersonRow, {
    id: (grant.payload as AdapterPayload).accountId ?? '',
  });
  const before = epochSeconds() + RACE_SECONDS;
  return person && { tenant: person.tenant, kind: 'grant', id: grant.id, before };
}

function epochSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}

function inSeconds(seconds: number): string {
  return `clock_timestamp() + interval '${seconds} s'`;
}
