import { tenantPolicy } from '@gatehouse/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = `
CREATE TABLE service_account (
  id uuid PRIMARY KEY,
  tenant text NOT NULL REFERENCES tenant,
  name text NOT NULL,
  description text NOT NULL,
  roles text[] NOT NULL,
  suspended boolean NOT NULL,
  generation integer NOT NULL DEFAULT 0,
  created timestamptz NOT NULL DEFAULT now(),
  last_used timestamptz,
  UNIQUE (tenant, name),
  UNIQUE (tenant, id)
);
CREATE TABLE service_account_team (
  tenant text NOT NULL,
  account uuid NOT NULL,
  team text NOT NULL,
  PRIMARY KEY (tenant, account, team),
  FOREIGN KEY (tenant, account) REFERENCES service_account (tenant, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant, team) REFERENCES team ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX service_account_team_team ON service_account_team (tenant, team);
CREATE TABLE service_account_client (
  tenant text NOT NULL,
  client text NOT NULL,
  account uuid NOT NULL,
  PRIMARY KEY (tenant, client),
  FOREIGN KEY (tenant, account) REFERENCES service_account (tenant, id) ON DELETE CASCADE
);
CREATE INDEX service_account_client_account ON service_account_client (tenant, account);
CREATE TABLE service_account_token (
  id uuid PRIMARY KEY,
  tenant text NOT NULL,
  account uuid NOT NULL,
  hash text NOT NULL UNIQUE,
  name text NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  expires timestamptz NOT NULL,
  last_used timestamptz,
  FOREIGN KEY (tenant, account) REFERENCES service_account (tenant, id) ON DELETE CASCADE
);
CREATE INDEX service_account_token_account ON service_account_token (tenant, account);
CREATE TABLE issuer (
  id uuid PRIMARY KEY,
  tenant text NOT NULL REFERENCES tenant,
  name text NOT NULL,
  issuer text NOT NULL,
  registration jsonb NOT NULL,
  UNIQUE (tenant, name),
  UNIQUE (tenant, issuer)
);
CREATE TABLE used_assertion (
  tenant text NOT NULL REFERENCES tenant,
  hash text NOT NULL,
  expires timestamptz NOT NULL,
  PRIMARY KEY (tenant, hash)
);
CREATE INDEX used_assertion_expires ON used_assertion (expires);
`;

const TENANT_TABLES = [
  'service_account',
  'service_account_team',
  'service_account_client',
  'service_account_token',
  'issuer',
  'used_assertion',
];

/** Identities that are no people: service accounts with their tokens, and the issuers whose JWTs are believed. */
export class Machines1764300000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(TABLES);
    for (const statement of TENANT_TABLES.flatMap(tenantPolicy)) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE ${[...TENANT_TABLES].reverse().join(', ')}`);
  }
}
