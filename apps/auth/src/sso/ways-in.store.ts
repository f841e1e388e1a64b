import { Failure } from '@gatehouse/contracts';
import type { EntityManager } from 'typeorm';
import { TenantRow } from '../people/people.entity.js';
import { IdentityProviderRow, SignInSettingRow } from './sso.entity.js';

/** All of a tenant's providers, which nobody else changes during this transaction. */
export async function lockProviders(manager: EntityManager, tenant: string): Promise<IdentityProviderRow[]> {
  await manager.findOne(TenantRow, { where: { name: tenant }, lock: { mode: 'pessimistic_write' } });
  return listProviders(manager, tenant);
}

/** The providers of these tenants; of all, if none is named. */
export function listProviders(manager: EntityManager, ...tenants: string[]): Promise<IdentityProviderRow[]> {
  const where = tenants.map((tenant) => ({ tenant }));
  return manager.find(IdentityProviderRow, { where, order: { tenant: 'ASC', name: 'ASC' } });
}

/** @throws Failure `auth.last_way_in` unless people can still sign in by a password or by one of `providers` */
export async function keepAWayIn(
  manager: EntityManager,
  tenant: string,
  providers: readonly Pick<IdentityProviderRow, 'settings'>[],
): Promise<void> {
  if (!providers.some(isEnabled) && !(await localAccountsOf(manager, tenant)))
    throw new Failure('auth.last_way_in');
}

/** Local accounts are on until they are switched off. */
export async function localAccountsOf(manager: EntityManager, tenant: string): Promise<boolean> {
  return (await manager.findOneBy(SignInSettingRow, { tenant }))?.localAccounts ?? true;
}

export function isEnabled({ settings }: Pick<IdentityProviderRow, 'settings'>): boolean {
  return settings.enabled;
}
