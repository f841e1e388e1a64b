import type { Database } from '@gatehouse/persistence';
import type { AdapterPayload } from 'oidc-provider';
import { LessThan, Not, IsNull, type EntityManager } from 'typeorm';
import { tellOutage } from '../oidc/outage.js';
import { digest } from '../opaque-secret.js';
import { BlockedClientRow, ClientRow } from './clients.entity.js';

const HOUR_MS = 3_600_000;
/** A client that was given tokens is kept for this long after the last ones. */
const KEEP_USED_MS = 90 * 24 * HOUR_MS;
/** A client that never was. Anybody may make such: most are left behind by clients that register at every attempt. */
const KEEP_UNUSED_MS = 24 * HOUR_MS;
/** Uses that are not worth a write. */
const NOTE_USE_EVERY_MS = HOUR_MS;
const MAX_NOTED = 10_000;

/** Every client that the authorization server knows, whatever it is from. */
export class Clients {
  private readonly noted = new Map<string, number>();

  /** @param mostUnused how many clients may wait for their first use; beyond, the oldest go */
  constructor(
    private readonly database: Database,
    private readonly mostUnused: number,
  ) {}

  async find(id: string): Promise<ClientRow | null> {
    const row = await this.run((manager) => manager.findOneBy(ClientRow, { id }));
    return row && !forgotten(row) ? row : null;
  }

  /** Keeps what a client registered (RFC 7591). */
  async register(id: string, metadata: AdapterPayload): Promise<void> {
    const { client_secret: secret } = metadata;
    await this.add({
      id,
      source: 'registration',
      metadata: secret === undefined ? metadata : { ...metadata, client_secret: digest(secret) },
    });
  }

  /** Keeps a document that was fetched, in place of what it said before. */
  async keepDocument(url: string, metadata: Record<string, unknown>, freshUntil: Date): Promise<void> {
    await this.add({ id: url, source: 'document', metadata, fetched: new Date(), freshUntil });
  }

  /** Lets a document be used for longer without having been fetched again. */
  async prolong(url: string, freshUntil: Date): Promise<void> {
    await this.run((manager) => manager.update(ClientRow, { id: url }, { freshUntil }));
  }

  /** Notes that a client was given tokens. */
  async used(id: string): Promise<void> {
    if ((this.noted.get(id) ?? 0) > Date.now() - NOTE_USE_EVERY_MS) return;
    await this.run((manager) => manager.update(ClientRow, { id }, { lastUsed: new Date() }));
    if (this.noted.size >= MAX_NOTED) this.noted.clear();
    this.noted.set(id, Date.now());
  }

  /** Whether people of a tenant may use a client: it is neither blocked there, nor another tenant's own. */
  async permitted(id: string, tenant: string): Promise<boolean> {
    return this.run(async (manager) => {
      const row = await manager.findOneBy(ClientRow, { id });
      if (row?.tenant && row.tenant !== tenant) return false;
      return !(await manager.existsBy(BlockedClientRow, { tenant, client: id }));
    });
  }

  async removeForgotten(): Promise<void> {
    await this.run(async (manager) => {
      const others = { source: Not('administrator' as const) };
      const [unusedSince, usedSince] = [KEEP_UNUSED_MS, KEEP_USED_MS].map((ms) => new Date(Date.now() - ms));
      await manager.delete(ClientRow, { ...others, lastUsed: IsNull(), created: LessThan(unusedSince) });
      await manager.delete(ClientRow, { ...others, lastUsed: LessThan(usedSince) });
    });
  }

  private add(row: Partial<ClientRow>): Promise<void> {
    return this.run(async (manager) => {
      await manager.upsert(ClientRow, row, ['id']);
      await manager.query(
        `DELETE FROM client WHERE id IN (
           SELECT id FROM client WHERE last_used IS NULL AND source <> 'administrator'
           ORDER BY created DESC OFFSET $1)`,
        [this.mostUnused],
      );
    });
  }

  private run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return tellOutage(() => this.database.acrossTenants(work));
  }
}

function forgotten({ source, created, lastUsed }: ClientRow): boolean {
  if (source === 'administrator') return false;
  const until = lastUsed ? lastUsed.getTime() + KEEP_USED_MS : created.getTime() + KEEP_UNUSED_MS;
  return until <= Date.now();
}
