import { Failure } from '@gatehouse/contracts';
import { In, MoreThan, type EntityManager } from 'typeorm';
import { DeletedServerRow } from './deleted-server.entity.js';
import { ServerRow } from './server.entity.js';

/** SQLSTATE lock_not_available: somebody else has held the catalogue for longer than `lock_timeout`. */
const LOCK_NOT_AVAILABLE = '55P03';
/** Postgres takes 65,535 parameters a statement at most; and no reply should wait for one huge page. */
const ROWS_AT_ONCE = 500;

/** One tenant's rows, within a transaction. */
export class CatalogueStore {
  constructor(
    private readonly manager: EntityManager,
    private readonly tenant: string,
  ) {}

  /** Makes the tenant known, if it is not. */
  async open(callsPerMinute: number): Promise<void> {
    await this.manager.query(
      'insert into catalogue (tenant, version, calls_per_minute) values ($1, 1, $2) on conflict do nothing',
      [this.tenant, callsPerMinute],
    );
  }

  /** Until the transaction ends nobody else changes this catalogue. @throws Failure `policy.version_conflict` */
  async lock(): Promise<void> {
    try {
      await this.manager.query(`set local lock_timeout = '10s'`);
      await this.manager.query('select from catalogue where tenant = $1 for update', [this.tenant]);
    } catch (error) {
      if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
      throw new Failure('policy.version_conflict', undefined, { cause: error });
    }
  }

  /** Raises the catalogue's version by one and returns it. */
  async raiseVersion(): Promise<number> {
    const [rows]: [Array<{ version: number }>, number] = await this.manager.query(
      'update catalogue set version = version + 1 where tenant = $1 returning version',
      [this.tenant],
    );
    return (rows[0] as { version: number }).version;
  }

  find(name: string): Promise<ServerRow | null> {
    return this.manager.findOneBy(ServerRow, { tenant: this.tenant, name });
  }

  findAll(names: readonly string[]): Promise<ServerRow[]> {
    return this.manager.findBy(ServerRow, { tenant: this.tenant, name: In(names) });
  }

  /** Those servers whose last change came with this version. */
  changedWith(version: number): Promise<ServerRow[]> {
    return this.manager.findBy(ServerRow, { tenant: this.tenant, version });
  }

  deleted(names: readonly string[]): Promise<DeletedServerRow[]> {
    return this.manager.findBy(DeletedServerRow, { tenant: this.tenant, name: In(names) });
  }

  /** Servers by name, those after `after` only. */
  async *after(after: string): AsyncGenerator<ServerRow> {
    for (let last = after; ;) {
      const rows = await this.manager.find(ServerRow, {
        where: { tenant: this.tenant, name: MoreThan(last) },
        order: { name: 'ASC' },
        take: ROWS_AT_ONCE,
      });
      yield* rows;
      if (rows.length < ROWS_AT_ONCE) return;
      last = rows.at(-1)?.name ?? last;
    }
  }

  async save(servers: ReadonlyArray<Omit<ServerRow, 'tenant'>>): Promise<void> {
    const rows = servers.map((server) => ({ ...server, tenant: this.tenant }));
    for (let first = 0; first < rows.length; first += ROWS_AT_ONCE)
      await this.manager.upsert(ServerRow, rows.slice(first, first + ROWS_AT_ONCE), ['tenant', 'name']);
  }

  /** Deletes a server, and remembers that somebody did. */
  async delete(name: string): Promise<void> {
    await this.manager.delete(ServerRow, { tenant: this.tenant, name });
    await this.manager.upsert(DeletedServerRow, { tenant: this.tenant, name }, ['tenant', 'name']);
  }
}
