import type { MigrationInterface, QueryRunner } from 'typeorm';

/** By which a client's grants are found when they all end. */
export class ClientGrants1764310000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      "CREATE INDEX oidc_state_client ON oidc_state ((payload->>'clientId')) WHERE model = 'Grant'",
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX oidc_state_client');
  }
}
