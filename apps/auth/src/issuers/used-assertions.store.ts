import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/persistence';
import { LessThan } from 'typeorm';
import { digest } from '../opaque-secret.js';
import { UsedAssertionRow } from './issuers.entity.js';
import type { Vouched } from './issued-tokens.js';

const CLOCK_TOLERANCE_MS = 60_000;

/** Assertions that are good once, for all replicas together. */
@Injectable()
export class UsedAssertions {
  constructor(private readonly database: Database) {}

  /** Uses an assertion up. Returns false if that has been done before. */
  async use({ issuer, claims, expires }: Vouched): Promise<boolean> {
    const { tenant, registration } = issuer;
    const hash = digest(`${registration.issuer} ${String(claims.jti)}`);
    const row = { tenant, hash, expires: new Date(expires.getTime() + CLOCK_TOLERANCE_MS) };
    return this.database.withTenant(tenant, async (manager) => {
      await manager.delete(UsedAssertionRow, { tenant, expires: LessThan(new Date()) });
      const inserted = await manager
        .createQueryBuilder()
        .insert()
        .into(UsedAssertionRow)
        .values(row)
        .orIgnore()
        .returning('hash')
        .execute();
      return (inserted.raw as unknown[]).length === 1;
    });
  }
}
