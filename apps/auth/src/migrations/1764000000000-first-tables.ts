import { tenantPolicy } from '@gatehouse/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = `
CREATE TABLE tenant (
  name text PRIMARY KEY
);
CREATE TABLE person (
  id uuid PRIMARY KEY,
  tenant text NOT NULL REFERENCES tenant,
  email text NOT NULL CHECK (email = lower(email)),
  name text NOT NULL,
  admin boolean NOT NULL,
  password_hash text,
  suspended boolean NOT NULL DEFAULT false,
  UNIQUE (tenant, email),
  UNIQUE (tenant, id)
);
CREATE INDEX person_email ON person (email);
CREATE TABLE team (
  tenant text NOT NULL REFERENCES tenant,
  name text NOT NULL,
  PRIMARY KEY (tenant, name)
);
CREATE TABLE team_member (
  tenant text NOT NULL,
  team text NOT NULL,
  person uuid NOT NULL,
  PRIMARY KEY (tenant, team, person),
  FOREIGN KEY (tenant, team) REFERENCES team ON DELETE CASCADE,
  FOREIGN KEY (tenant, person) REFERENCES person (tenant, id) ON DELETE CASCADE
);
CREATE INDEX team_member_person ON team_member (person);
CREATE TABLE personal_access_token (
  id uuid PRIMARY KEY,
  tenant text NOT NULL,
  person uuid NOT NULL,
  hash text NOT NULL UNIQUE,
  name text NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  expires timestamptz,
  last_used timestamptz,
  revoked timestamptz,
  FOREIGN KEY (tenant, person) REFERENCES person (tenant, id) ON DELETE CASCADE
);
CREATE INDEX personal_access_token_person ON personal_access_token (person);
CREATE TABLE approval (
  tenant text NOT NULL,
  person uuid NOT NULL,
  client text NOT NULL,
  redirect text NOT NULL,
  resource text NOT NULL,
  scopes text[] NOT NULL,
  approved timestamptz NOT NULL,
  PRIMARY KEY (tenant, person, client, redirect, resource),
  FOREIGN KEY (tenant, person) REFERENCES person (tenant, id) ON DELETE CASCADE
);
CREATE TABLE ended_access (
  tenant text NOT NULL REFERENCES tenant,
  kind text NOT NULL,
  id text NOT NULL,
  before integer NOT NULL,
  ended timestamptz NOT NULL,
  PRIMARY KEY (tenant, kind, id)
);
CREATE INDEX ended_access_ended ON ended_access (ended);
CREATE TABLE setup_link (
  hash text PRIMARY KEY,
  tenant text NOT NULL REFERENCES tenant,
  expires timestamptz NOT NULL
);
CREATE TABLE oidc_state (
  model text NOT NULL,
  id text NOT NULL,
  payload jsonb NOT NULL,
  grant_id text,
  uid text,
  predecessor text,
  expires_at timestamptz NOT NULL,
  consumed_at timestamptz,
  PRIMARY KEY (model, id)
);
CREATE INDEX oidc_state_grant ON oidc_state (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX oidc_state_uid ON oidc_state (uid) WHERE uid IS NOT NULL;
CREATE INDEX oidc_state_predecessor ON oidc_state (predecessor) WHERE predecessor IS NOT NULL;
CREATE INDEX oidc_state_expires ON oidc_state (expires_at);
`;

const TENANT_TABLES = [
  'person',
  'team',
  'team_member',
  'personal_access_token',
  'approval',
  'ended_access',
  'setup_link',
];

export class FirstTables1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(TABLES);
    for (const statement of TENANT_TABLES.flatMap(tenantPolicy)) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE oidc_state, ${[...TENANT_TABLES].reverse().join(', ')}, tenant`);
  }
}
