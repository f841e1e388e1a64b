import { tenantPolicy } from '@gatehouse/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Catalogue1795500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['catalogue', 'server', 'deleted_server'])
      for (const statement of tenantPolicy(table)) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table server; drop table deleted_server; drop table catalogue');
  }
}

/** Names sort by byte, so that a snapshot and a page come out the same whatever the database's locale. */
const TABLES = `
create table catalogue (
  tenant text primary key,
  version integer not null,
  calls_per_minute integer not null
);
create table server (
  tenant text not null references catalogue,
  name text collate "C" not null,
  manifest jsonb not null,
  version integer not null,
  created timestamptz not null,
  updated timestamptz not null,
  primary key (tenant, name)
);
create table deleted_server (
  tenant text not null references catalogue,
  name text collate "C" not null,
  primary key (tenant, name)
)`;
