import { escapeIdentifier } from 'pg';

/** The setting that names the tenant of the running transaction; `*` is all of them. */
export const TENANT_SETTING = 'gatehouse.tenant';
export const ALL_TENANTS = '*';

/**
 * The statements, for a migration, that switch on row-level security for a table with a text column `tenant`. Where
 * the transaction has named no tenant, no row can be seen or written.
 */
export function tenantPolicy(table: string): string[] {
  const name = escapeIdentifier(table);
  // After a transaction the setting falls back to '' on the same connection, not to null.
  const current = `nullif(current_setting('${TENANT_SETTING}', true), '')`;
  const allowed = `${current} in (tenant, '${ALL_TENANTS}')`;
  return [
    `alter table ${name} enable row level security`,
    // The owner, who is the service itself, is exempt otherwise.
    `alter table ${name} force row level security`,
    `create policy tenant on ${name} using (${allowed}) with check (${allowed})`,
  ];
}
