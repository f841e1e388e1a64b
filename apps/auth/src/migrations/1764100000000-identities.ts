import { tenantPolicy } from '@gatehouse/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
ALTER TABLE person
  ADD generation integer NOT NULL DEFAULT 0,
  ADD external_id text,
  ADD created timestamptz NOT NULL DEFAULT now(),
  ADD last_sign_in timestamptz;
CREATE UNIQUE INDEX person_external_id ON person (tenant, external_id) WHERE external_id IS NOT NULL;
ALTER TABLE team
  ADD id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  ADD external_id text,
  ADD created timestamptz NOT NULL DEFAULT now();
CREATE UNIQUE INDEX team_external_id ON team (tenant, external_id) WHERE external_id IS NOT NULL;
ALTER TABLE team_member ADD source text NOT NULL DEFAULT 'local';
ALTER TABLE team_member DROP CONSTRAINT team_member_pkey;
ALTER TABLE team_member ADD PRIMARY KEY (tenant, team, person, source);
ALTER TABLE ended_access ADD generation integer;
CREATE INDEX oidc_state_account ON oidc_state ((payload->>'accountId')) WHERE payload ? 'accountId';
CREATE TABLE security_event (
  id uuid PRIMARY KEY,
  tenant text NOT NULL REFERENCES tenant,
  time timestamptz NOT NULL DEFAULT now(),
  kind text NOT NULL,
  subject text,
  client text,
  detail jsonb NOT NULL
);
CREATE INDEX security_event_time ON security_event (tenant, time DESC, id DESC);
`;

const DOWN = `
DROP TABLE security_event;
DROP INDEX oidc_state_account;
ALTER TABLE ended_access DROP COLUMN generation;
DELETE FROM team_member a USING team_member b
  WHERE a.tenant = b.tenant AND a.team = b.team AND a.person = b.person AND a.source > b.source;
ALTER TABLE team_member DROP CONSTRAINT team_member_pkey;
ALTER TABLE team_member DROP COLUMN source;
ALTER TABLE team_member ADD PRIMARY KEY (tenant, team, person);
ALTER TABLE team DROP COLUMN id, DROP COLUMN external_id, DROP COLUMN created;
ALTER TABLE person DROP COLUMN generation, DROP COLUMN external_id, DROP COLUMN created, DROP COLUMN last_sign_in;
`;

/** What a person is beyond a password: generations of access, memberships by source, ids of other systems, events. */
export class Identities1764100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
    for (const statement of tenantPolicy('security_event')) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOWN);
  }
}
