import { tenantPolicy } from '@gatehouse/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Secrets1764500100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE secret (
        tenant text,
        kind text,
        name text,
        record bytea NOT NULL,
        PRIMARY KEY (tenant, kind, name)
      )`);
    for (const statement of tenantPolicy('secret')) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE secret');
  }
}
