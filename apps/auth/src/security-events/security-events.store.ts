import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { Log } from '../log.js';
import { SecurityEventRow } from './security-event.entity.js';

export interface SecurityEvent {
  readonly tenant: string;
  /** `<noun>.<past>`, as in `refresh_token.replayed`. */
  readonly kind: string;
  readonly subject?: string | null;
  readonly client?: string | null;
  /** Never a secret. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Rows that one statement writes: its parameters are limited. */
const MOST_AT_ONCE = 1_000;

/** Attempts that were refused and changes of access, kept for whoever watches over a tenant. */
@Injectable()
export class SecurityEvents {
  constructor(private readonly log: Log) {}

  /** Part of the transaction that it tells of. */
  async record(manager: EntityManager, ...events: SecurityEvent[]): Promise<void> {
    const rows = events.map(({ tenant, kind, subject = null, client = null, detail = {} }) => ({
      ...{ id: uuid(), time: new Date() },
      ...{ tenant, kind, subject, client, detail },
    }));
    for (let at = 0; at < rows.length; at += MOST_AT_ONCE)
      await manager.insert(SecurityEventRow, rows.slice(at, at + MOST_AT_ONCE));
    for (const { tenant, kind, subject, client, detail } of rows)
      this.log.warn({ tenant, subject, client, ...detail }, kind);
  }
}
