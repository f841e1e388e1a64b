import { tenantPolicy } from '@gatehouse/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The columns by which calls are searched are generated from the record, so that they cannot say something else.
 * They are cut because an index cannot hold more than 2,704 bytes a row, and a call's names are a stranger's text.
 *
 * The trigger keeps the service itself, whatever bug or injection drives it, and a careless hand from changing or
 * deleting records. It does not stop the tables' owner from dropping it, nor a superuser: their doing is what the
 * chain makes visible.
 */
export class CallRecords1795500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [TABLES, INDEXES, NEVER_CHANGED]) await runner.query(statement);
    for (const table of ['call_record', 'chain_head'])
      for (const statement of [tenantPolicy(table)].flat()) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table call_record; drop table chain_head; drop function refuse_change()');
  }
}

const TABLES = `
create table chain_head (
  tenant text primary key,
  position bigint not null,
  hash text not null
);
create table call_record (
  tenant text not null,
  position bigint not null,
  time timestamptz(3) not null,
  record jsonb not null,
  previous text not null,
  hash text not null,
  id uuid not null generated always as ((record ->> 'id')::uuid) stored,
  server text not null generated always as (left(record ->> 'server', 256)) stored,
  tool text not null generated always as (left(record ->> 'tool', 256)) stored,
  subject text not null generated always as (left(lower(record -> 'subject' ->> 'name'), 256)) stored,
  status text not null generated always as (record ->> 'status') stored,
  primary key (tenant, position),
  unique (tenant, id)
)`;

const INDEXES = `
create index call_record_by_time on call_record (tenant, time desc, id desc);
create index call_record_by_server on call_record (tenant, server, time desc, id desc);
create index call_record_by_tool on call_record (tenant, tool, time desc, id desc);
create index call_record_by_subject on call_record (tenant, subject, time desc, id desc);
create index call_record_by_status on call_record (tenant, status, time desc, id desc)`;

const NEVER_CHANGED = `
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'call records are never changed or deleted' using errcode = 'insufficient_privilege';
end $$;
create trigger never_changed before update or delete or truncate on call_record
  for each statement execute function refuse_change()`;
