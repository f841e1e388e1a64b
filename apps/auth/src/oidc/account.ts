import type { Account, KoaContextWithOIDC } from 'oidc-provider';
import type { ServiceAccount } from '../machines/service-accounts.store.js';
import type { People, Person } from '../people/people.store.js';
import { tellOutage } from './outage.js';

/** Whose a token is. */
export type Holder = Person | ServiceAccount;

/** The engine's idea of who is signed in, with ours inside. */
interface HolderAccount extends Account {
  holder: Holder;
}

/** Who is signed in or whose token it is; undefined once a person is suspended or removed. */
export async function findAccount(people: People, id: string): Promise<HolderAccount | undefined> {
  const person = await tellOutage(() => people.find(id));
  return person ? accountOf(person) : undefined;
}

export function accountOf(holder: Holder): HolderAccount {
  return { accountId: holder.id, claims: () => ({ sub: holder.id }), holder };
}

export function holderOf(ctx: KoaContextWithOIDC): Holder | undefined {
  return (ctx.oidc.account as HolderAccount | undefined)?.holder;
}

/** Only people sign in: a service account is nobody here. */
export function personOf(ctx: KoaContextWithOIDC): Person | undefined {
  const holder = holderOf(ctx);
  return holder && 'email' in holder ? holder : undefined;
}
