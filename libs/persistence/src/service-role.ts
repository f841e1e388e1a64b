import { escapeIdentifier, escapeLiteral } from 'pg';

export function roleOf(service: string): string {
  return `gatehouse_${service}`;
}

/**
 * The one source of what a service is in Postgres: a role that cannot get around row-level security, and a schema
 * that nobody else can read. Safe to repeat, also for an administrator who is no superuser (CREATEROLE).
 *
 * @param password a SQL expression for a string constant
 */
export function serviceStatements(service: string, password: string): string[] {
  const role = escapeIdentifier(roleOf(service));
  const schema = escapeIdentifier(service);
  return [
    `do $$ begin
  if not exists (select from pg_roles where rolname = ${escapeLiteral(roleOf(service))}) then
    create role ${role} nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
end $$`,
    `alter role ${role} with login password ${password}`,
    `alter role ${role} set search_path = ${schema}`,
    `grant ${role} to current_user`,
    `create schema if not exists ${schema}`,
    `alter schema ${schema} owner to ${role}`,
    `revoke all on schema ${schema} from public`,
  ];
}

/** What holds for the whole database, before any service. */
export const databaseStatements = ['revoke all on schema public from public'];

/** The services that keep something in the database. */
export const servicesWithDatabase = ['audit', 'auth', 'policy', 'vault'] as const;

/** `deploy/postgres/roles.sh`: the same statements for a server that containers share. */
export function rolesScript(services: readonly string[] = servicesWithDatabase): string {
  const variable = (service: string) => `GATEHOUSE_${service.toUpperCase()}_DB_PASSWORD`;
  const checks = services.map(
    (service) => `: "\${${variable(service)}:?is the password of the role ${roleOf(service)}}"`,
  );
  const secrets = services.map((service) => `\\set ${service}_password \`printenv ${variable(service)}\``);
  const statements = services.flatMap((service) => serviceStatements(service, `:'${service}_password'`));
  return `#!/bin/sh
# Generated from libs/persistence/src/service-role.ts by libs/persistence/src/generate-roles.ts: do not edit.
# Makes each service's role and schema. The official postgres image runs it from /docker-entrypoint-initdb.d; on any
# other server run it once, with POSTGRES_USER (an administrator), POSTGRES_DB and psql's own variables (PGHOST ...).
set -eu
${checks.join('\n')}
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --single-transaction \\
  --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
${secrets.join('\n')}
${[...databaseStatements, ...statements].map((statement) => `${statement};`).join('\n')}
SQL
`;
}
