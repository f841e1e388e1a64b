import { tenantPolicy } from '@gatehouse/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
CREATE TABLE identity_provider (
  tenant text NOT NULL REFERENCES tenant,
  name text NOT NULL,
  settings jsonb NOT NULL,
  has_client_secret boolean NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  updated timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant, name)
);
CREATE TABLE person_identity (
  tenant text NOT NULL,
  provider text NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  person uuid NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant, provider, issuer, subject),
  FOREIGN KEY (tenant, provider) REFERENCES identity_provider (tenant, name) ON DELETE CASCADE,
  FOREIGN KEY (tenant, person) REFERENCES person (tenant, id) ON DELETE CASCADE
);
CREATE INDEX person_identity_person ON person_identity (person);
CREATE TABLE sso_sign_in (
  id text PRIMARY KEY,
  tenant text NOT NULL,
  provider text NOT NULL,
  interaction text NOT NULL,
  expires timestamptz NOT NULL,
  FOREIGN KEY (tenant, provider) REFERENCES identity_provider (tenant, name) ON DELETE CASCADE
);
CREATE INDEX sso_sign_in_expires ON sso_sign_in (expires);
CREATE TABLE sign_in_setting (
  tenant text PRIMARY KEY REFERENCES tenant,
  local_accounts boolean NOT NULL
);
`;

const TENANT_TABLES = ['identity_provider', 'person_identity', 'sso_sign_in', 'sign_in_setting'];

export class SingleSignOn1764300000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
    for (const statement of TENANT_TABLES.flatMap(tenantPolicy)) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE ${[...TENANT_TABLES].reverse().join(', ')}`);
  }
}
