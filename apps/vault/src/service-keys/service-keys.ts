import type { Database } from '@gatehouse/persistence';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import type { Barrier } from '../barrier/barrier.js';
import type { Place } from '../barrier/record.js';
import { ServiceKey } from './service-key.entity.js';

/** A kind of key: what it looks like, and how the first one is made. */
export interface KeyKind<Schema extends z.ZodType> {
  readonly kind: string;
  readonly schema: Schema;
  readonly make: () => Promise<z.input<Schema>>;
}

/** Keys of the other services: made when first asked for, and from then on the same for all replicas. */
export class ServiceKeys {
  constructor(
    private readonly database: Database,
    private readonly barrier: Barrier,
  ) {}

  get<Schema extends z.ZodType>(wanted: KeyKind<Schema>): Promise<z.output<Schema>> {
    return this.database.acrossTenants((manager) => this.read(manager, wanted));
  }

  /** Replaces the keys by what `change` makes of them: one vault at a time. Null leaves them as they are. */
  async replace<Schema extends z.ZodType>(
    wanted: KeyKind<Schema>,
    change: (keys: z.output<Schema>) => Promise<z.input<Schema> | null>,
  ): Promise<z.output<Schema>> {
    const { kind, schema } = wanted;
    return this.database.acrossTenants(async (manager) => {
      await this.read(manager, wanted);
      await manager.findOneOrFail(ServiceKey, { where: { kind }, lock: { mode: 'pessimistic_write' } });
      const keys = await this.read(manager, wanted);
      const changed = await change(keys);
      if (changed === null) return keys;
      await manager.update(ServiceKey, { kind }, { record: await this.seal(manager, kind, changed) });
      return schema.parse(changed);
    });
  }

  private async read<Schema extends z.ZodType>(
    manager: EntityManager,
    wanted: KeyKind<Schema>,
  ): Promise<z.output<Schema>> {
    const { kind, schema } = wanted;
    if (!(await manager.existsBy(ServiceKey, { kind }))) await this.make(manager, wanted);
    const { record } = await manager.findOneByOrFail(ServiceKey, { kind });
    const content = await this.barrier.open(manager, placeOf(kind), record);
    const keys = schema.parse(JSON.parse(content.toString()));
    content.fill(0);
    return keys;
  }

  /** Two vaults may come here at once: the first to commit wins, and both go on with its keys. */
  private async make(manager: EntityManager, { kind, make }: KeyKind<z.ZodType>): Promise<void> {
    const record = await this.seal(manager, kind, await make());
    await manager
      .createQueryBuilder()
      .insert()
      .into(ServiceKey)
      .values({ kind, record })
      .orIgnore()
      .execute();
  }

  private async seal(manager: EntityManager, kind: string, keys: unknown): Promise<Buffer> {
    const content = Buffer.from(JSON.stringify(keys));
    const record = await this.barrier.seal(manager, placeOf(kind), content);
    content.fill(0);
    return record;
  }
}

/** These keys are no tenant's: '' is the name of none. */
function placeOf(kind: string): Place {
  return { tenant: '', subject: '', server: '', kind };
}
