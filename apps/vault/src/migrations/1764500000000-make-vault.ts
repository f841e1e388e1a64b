import { tenantPolicy } from '@gatehouse/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MakeVault1764500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE key_check (
        id int PRIMARY KEY CHECK (id = 1),
        fingerprint text NOT NULL,
        sealed bytea NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE tenant_key (
        id uuid PRIMARY KEY,
        tenant text NOT NULL,
        version int NOT NULL,
        wrapped bytea NOT NULL,
        UNIQUE (tenant, version)
      )`);
    await runner.query(`
      CREATE TABLE credential (
        tenant text,
        subject text,
        server text,
        kind text,
        id uuid NOT NULL UNIQUE,
        record bytea NOT NULL,
        PRIMARY KEY (tenant, subject, server, kind)
      )`);
    await runner.query(`CREATE TABLE service_key (kind text PRIMARY KEY, record bytea NOT NULL)`);
    for (const table of ['tenant_key', 'credential'])
      for (const statement of tenantPolicy(table)) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE service_key, credential, tenant_key, key_check');
  }
}
