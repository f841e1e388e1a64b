import { Injectable } from '@nestjs/common';
import { Bus } from '@gatehouse/bus';
import { accessEnded, type AccessEnded } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import { MoreThan, type EntityManager } from 'typeorm';
import { EndedAccessRow } from './tokens.entity.js';

/** Milliseconds for which ended access is told: longer than the longest access token lives (3,600 s). */
const KEEP_MS = 2 * 3_600_000;

/** Rows that one statement writes: its parameters are limited. */
const MOST_AT_ONCE = 1_000;

/** Tells every edge that access has ended before its tokens did, and remembers it for edges that were not listening. */
@Injectable()
export class EndedAccess {
  constructor(
    private readonly database: Database,
    private readonly bus: Bus,
  ) {}

  /** Part of the transaction that ends the access; {@link tell} follows once that is committed. */
  async record(manager: EntityManager, ...ended: AccessEnded[]): Promise<void> {
    const rows = ended.map((item) => ({ ...item, ended: new Date() }));
    for (let at = 0; at < rows.length; at += MOST_AT_ONCE)
      await manager.upsert(EndedAccessRow, rows.slice(at, at + MOST_AT_ONCE), ['tenant', 'kind', 'id']);
  }

  tell(...ended: AccessEnded[]): void {
    for (const item of ended) this.bus.publish(accessEnded, item);
  }

  /** What unexpired access tokens may still offend against. */
  async list(): Promise<AccessEnded[]> {
    const rows = await this.database.acrossTenants((manager) =>
      manager.findBy(EndedAccessRow, { ended: MoreThan(new Date(Date.now() - KEEP_MS)) }),
    );
    return rows.map(({ tenant, kind, id, before, generation }) => ({
      ...{ tenant, kind, id, before },
      ...(generation === null ? {} : { generation }),
    }));
  }
}
