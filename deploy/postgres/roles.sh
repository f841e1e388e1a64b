#!/bin/sh
# Generated from libs/persistence/src/service-role.ts by libs/persistence/src/generate-roles.ts: do not edit.
# Makes each service's role and schema. The official postgres image runs it from /docker-entrypoint-initdb.d; on any
# other server run it once, with POSTGRES_USER (an administrator), POSTGRES_DB and psql's own variables (PGHOST ...).
set -eu
: "${GATEHOUSE_AUDIT_DB_PASSWORD:?is the password of the role gatehouse_audit}"
: "${GATEHOUSE_AUTH_DB_PASSWORD:?is the password of the role gatehouse_auth}"
: "${GATEHOUSE_POLICY_DB_PASSWORD:?is the password of the role gatehouse_policy}"
: "${GATEHOUSE_VAULT_DB_PASSWORD:?is the password of the role gatehouse_vault}"
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --single-transaction \
  --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set audit_password `printenv GATEHOUSE_AUDIT_DB_PASSWORD`
\set auth_password `printenv GATEHOUSE_AUTH_DB_PASSWORD`
\set policy_password `printenv GATEHOUSE_POLICY_DB_PASSWORD`
\set vault_password `printenv GATEHOUSE_VAULT_DB_PASSWORD`
revoke all on schema public from public;
do $$ begin
  if not exists (select from pg_roles where rolname = 'gatehouse_audit') then
    create role "gatehouse_audit" nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
end $$;
alter role "gatehouse_audit" with login password :'audit_password';
alter role "gatehouse_audit" set search_path = "audit";
grant "gatehouse_audit" to current_user;
create schema if not exists "audit";
alter schema "audit" owner to "gatehouse_audit";
revoke all on schema "audit" from public;
do $$ begin
  if not exists (select from pg_roles where rolname = 'gatehouse_auth') then
    create role "gatehouse_auth" nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
end $$;
alter role "gatehouse_auth" with login password :'auth_password';
alter role "gatehouse_auth" set search_path = "auth";
grant "gatehouse_auth" to current_user;
create schema if not exists "auth";
alter schema "auth" owner to "gatehouse_auth";
revoke all on schema "auth" from public;
do $$ begin
  if not exists (select from pg_roles where rolname = 'gatehouse_policy') then
    create role "gatehouse_policy" nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
end $$;
alter role "gatehouse_policy" with login password :'policy_password';
alter role "gatehouse_policy" set search_path = "policy";
grant "gatehouse_policy" to current_user;
create schema if not exists "policy";
alter schema "policy" owner to "gatehouse_policy";
revoke all on schema "policy" from public;
do $$ begin
  if not exists (select from pg_roles where rolname = 'gatehouse_vault') then
    create role "gatehouse_vault" nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
end $$;
alter role "gatehouse_vault" with login password :'vault_password';
alter role "gatehouse_vault" set search_path = "vault";
grant "gatehouse_vault" to current_user;
create schema if not exists "vault";
alter schema "vault" owner to "gatehouse_vault";
revoke all on schema "vault" from public;
SQL
