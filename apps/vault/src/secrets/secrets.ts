import type { Database } from '@gatehouse/persistence';
import type { Barrier } from '../barrier/barrier.js';
import type { Place } from '../barrier/record.js';
import { SecretRow } from './secret.entity.js';

export interface SecretPlace {
  readonly tenant: string;
  readonly kind: string;
  readonly name: string;
}

/** Secrets that other services work with, each bound to its place. */
export class Secrets {
  constructor(
    private readonly database: Database,
    private readonly barrier: Barrier,
  ) {}

  /** Null only if there is none: one that cannot be read is an error. */
  async find({ tenant, kind, name }: SecretPlace): Promise<string | null> {
    return this.database.withTenant(tenant, async (manager) => {
      const row = await manager.findOneBy(SecretRow, { tenant, kind, name });
      if (!row) return null;
      const content = await this.barrier.open(manager, placeOf(row), row.record);
      const value = content.toString();
      content.fill(0);
      return value;
    });
  }

  async put({ tenant, kind, name }: SecretPlace, value: string): Promise<void> {
    const content = Buffer.from(value);
    await this.database.withTenant(tenant, async (manager) => {
      const record = await this.barrier.seal(manager, placeOf({ tenant, kind, name }), content);
      await manager.upsert(SecretRow, { tenant, kind, name, record }, ['tenant', 'kind', 'name']);
    });
    content.fill(0);
  }

  async delete({ tenant, kind, name }: SecretPlace): Promise<void> {
    await this.database.withTenant(tenant, (manager) => manager.delete(SecretRow, { tenant, kind, name }));
  }
}

/** Apart from every credential's place: those have a subject, and no kind with a colon. */
function placeOf({ tenant, kind, name }: SecretPlace): Place {
  return { tenant, subject: '', server: name, kind: `secret:${kind}` };
}
