import { randomUUID } from 'node:crypto';
import type { Database } from '@gatehouse/persistence';
import { z } from 'zod';
import type { Barrier } from '../barrier/barrier.js';
import { Credential } from './credential.entity.js';

const Headers = z.record(z.string(), z.string());
type Headers = z.output<typeof Headers>;

/** A server's shared credential: the headers that calls to it carry, whoever calls. */
const shared = (tenant: string, server: string) => ({ tenant, subject: '*', server, kind: 'headers' });

export class Credentials {
  constructor(
    private readonly database: Database,
    private readonly barrier: Barrier,
  ) {}

  /** Null only if there is none: one that cannot be read is an error. */
  async find(tenant: string, server: string): Promise<{ id: string; headers: Headers } | null> {
    const place = shared(tenant, server);
    return this.database.withTenant(tenant, async (manager) => {
      const row = await manager.findOneBy(Credential, place);
      if (!row) return null;
      const content = await this.barrier.open(manager, place, row.record);
      const headers = Headers.parse(JSON.parse(content.toString()));
      content.fill(0);
      return { id: row.id, headers };
    });
  }

  /** Stores or replaces; returns the new credential's id. */
  async put(tenant: string, server: string, headers: Headers): Promise<string> {
    const place = shared(tenant, server);
    const content = Buffer.from(JSON.stringify(headers));
    const id = randomUUID();
    await this.database.withTenant(tenant, async (manager) => {
      const record = await this.barrier.seal(manager, place, content);
      await manager.upsert(Credential, { ...place, id, record }, ['tenant', 'subject', 'server', 'kind']);
    });
    content.fill(0);
    return id;
  }

  /** Returns whether there was one. */
  async delete(tenant: string, server: string): Promise<boolean> {
    return this.database.withTenant(tenant, async (manager) => {
      const { affected } = await manager.delete(Credential, shared(tenant, server));
      return affected === 1;
    });
  }
}
