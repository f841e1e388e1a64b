import { Failure, type Snapshot } from '@gatehouse/contracts';
import { Database } from '@gatehouse/persistence';
import type { EntityManager } from 'typeorm';
import { CatalogueRow } from '../catalogue/catalogue.entity.js';
import type { RemoteServer } from '../manifests/remote-server.js';
import { compileServer } from './compile-server.js';

/**
 * Characters of one part. Each takes three bytes at most in the message that carries it, so a part stays under
 * the broker's usual limit of 1 MiB.
 */
const PART_CHARACTERS = 256 * 1024;

export interface CutSnapshot {
  readonly version: number;
  readonly parts: readonly string[];
}

/**
 * Each tenant's snapshot, as JSON in parts, kept for as long as its version holds. Replicas make the same text of
 * the same version, so a reader may get its parts from several.
 */
export class Snapshots {
  private readonly kept = new Map<string, CutSnapshot>();

  constructor(private readonly database: Database) {}

  /** The snapshot in force. @throws Failure `policy.unknown_server` where there is no such tenant */
  async current(tenant: string): Promise<CutSnapshot> {
    return this.database.withTenant(tenant, async (manager) => {
      const catalogue = await manager.findOneBy(CatalogueRow, { tenant });
      if (catalogue === null) throw new Failure('policy.unknown_server');
      const kept = this.kept.get(tenant);
      if (kept?.version === catalogue.version) return kept;
      const compiled = cut(await compile(manager, tenant));
      this.kept.set(tenant, compiled);
      return compiled;
    });
  }
}

interface Row {
  version: number;
  calls: number;
  manifests: RemoteServer[];
}

/** One statement, so that the version and the servers belong together while others write. */
async function compile(manager: EntityManager, tenant: string): Promise<Snapshot> {
  const rows: Row[] = await manager.query(
    `select version, calls_per_minute as calls, (
       select coalesce(jsonb_agg(manifest order by name), '[]') from server where server.tenant = catalogue.tenant
     ) as manifests from catalogue where tenant = $1`,
    [tenant],
  );
  const { version, calls, manifests } = rows[0] as Row;
  return {
    tenant,
    version,
    servers: Object.fromEntries(manifests.map((manifest) => [manifest.name, compileServer(manifest)])),
    limits: [{ id: 'calls-per-minute', per: 'subject', calls, windowSeconds: 60 }],
  };
}

function cut(snapshot: Snapshot): CutSnapshot {
  const json = JSON.stringify(snapshot);
  const count = Math.ceil(json.length / PART_CHARACTERS);
  const parts = Array.from({ length: count }, (_, part) =>
    json.slice(part * PART_CHARACTERS, (part + 1) * PART_CHARACTERS),
  );
  return { version: snapshot.version, parts };
}
