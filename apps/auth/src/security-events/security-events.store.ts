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

/** Attempts that were refused and changes of access, kept for whoever watches over a tenant. */
@Injectable()
export class SecurityEvents {
  constructor(private readonly log: Log) {}

  /** Part of the transaction that it tells of. */
  async record(manager: EntityManager, event: SecurityEvent): Promise<void> {
    const { tenant, kind, subject = null, client = null, detail = {} } = event;
    await manager.insert(SecurityEventRow, {
      ...{ id: uuid(), time: new Date() },
      ...{ tenant, kind, subject, client, detail },
    });
    this.log.warn({ tenant, subject, client, ...detail }, kind);
  }
}
