import { Failure } from '@gatehouse/contracts';
import { Not, type EntityManager } from 'typeorm';
import { PersonRow, TenantRow } from './people.entity.js';
import type { PersonId } from './roster.store.js';

/**
 * Makes sure that a tenant keeps an administrator who can sign in when `who` ceases to be one.
 *
 * @throws Failure `auth.last_admin`
 */
export async function keepAnAdministrator(manager: EntityManager, { tenant, id }: PersonId): Promise<void> {
  // Two who are the last two would each see the other stay: one waits here until the other is done. This lock, unlike
  // the strongest, leaves alone those who only refer to the tenant.
  await manager.findOne(TenantRow, { where: { name: tenant }, lock: { mode: 'for_no_key_update' } });
  const others = { tenant, admin: true, suspended: false, id: Not(id) };
  if (!(await manager.existsBy(PersonRow, others))) throw new Failure('auth.last_admin');
}
