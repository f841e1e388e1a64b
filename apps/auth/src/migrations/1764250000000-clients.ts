import { tenantPolicy } from '@gatehouse/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = `
CREATE TABLE client (
  id text PRIMARY KEY,
  source text NOT NULL CHECK (source IN ('registration', 'document', 'administrator')),
  tenant text REFERENCES tenant,
  metadata jsonb NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  last_used timestamptz,
  fetched timestamptz,
  fresh_until timestamptz,
  CHECK ((source = 'administrator') = (tenant IS NOT NULL))
);
CREATE INDEX client_tenant ON client (tenant) WHERE tenant IS NOT NULL;
CREATE INDEX client_unused ON client (created) WHERE last_used IS NULL AND source <> 'administrator';
CREATE INDEX client_last_used ON client (last_used) WHERE source <> 'administrator';
CREATE TABLE blocked_client (
  tenant text NOT NULL REFERENCES tenant,
  client text NOT NULL,
  blocked timestamptz NOT NULL,
  PRIMARY KEY (tenant, client)
);
CREATE INDEX approval_client ON approval (tenant, client);
CREATE TABLE attempt (
  key varchar(255) PRIMARY KEY,
  points integer NOT NULL DEFAULT 0,
  expire bigint
);
`;

/** Clients had 90 days from their last use, which is so told by when they would have been dropped. */
const KEEP = `
INSERT INTO client (id, source, metadata, last_used)
SELECT id, 'registration', payload, least(now(), expires_at - interval '90 days') FROM oidc_state WHERE model = 'Client';
DELETE FROM oidc_state WHERE model = 'Client';
`;

export class Clients1764250000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(TABLES);
    await queryRunner.query(KEEP);
    for (const statement of ['client', 'blocked_client'].flatMap(tenantPolicy))
      await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `INSERT INTO oidc_state (model, id, payload, expires_at)
       SELECT 'Client', id, metadata, coalesce(last_used, created) + interval '90 days' FROM client WHERE source = 'registration'`,
    );
    await queryRunner.query('DROP TABLE client, blocked_client, attempt; DROP INDEX approval_client');
  }
}
