import { tenantPolicy } from '@gatehouse/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
ALTER TABLE approval ADD id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;
ALTER TABLE person ADD scim jsonb;
CREATE UNIQUE INDEX person_user_name ON person (tenant, lower(scim->>'userName')) WHERE scim IS NOT NULL;
ALTER TABLE team_member DROP CONSTRAINT team_member_tenant_team_fkey;
ALTER TABLE team_member ADD CONSTRAINT team_member_tenant_team_fkey
  FOREIGN KEY (tenant, team) REFERENCES team ON UPDATE CASCADE ON DELETE CASCADE;
CREATE TABLE password_link (
  hash text PRIMARY KEY,
  tenant text NOT NULL,
  person uuid NOT NULL,
  expires timestamptz NOT NULL,
  FOREIGN KEY (tenant, person) REFERENCES person (tenant, id) ON DELETE CASCADE
);
CREATE INDEX password_link_person ON password_link (person);
`;

const DOWN = `
DROP TABLE password_link;
ALTER TABLE team_member DROP CONSTRAINT team_member_tenant_team_fkey;
ALTER TABLE team_member ADD CONSTRAINT team_member_tenant_team_fkey
  FOREIGN KEY (tenant, team) REFERENCES team ON DELETE CASCADE;
ALTER TABLE person DROP COLUMN scim;
ALTER TABLE approval DROP COLUMN id;
`;

/** Links by which people choose passwords, ids of approvals, what SCIM says of a person, teams that can be renamed. */
export class People1764240000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
    for (const statement of tenantPolicy('password_link')) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOWN);
  }
}
