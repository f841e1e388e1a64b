import type { Account, KoaContextWithOIDC } from 'oidc-provider';
import type { People, Person } from '../people/people.store.js';
import { tellOutage } from './outage.js';

/** The engine's idea of a person, with ours inside. */
interface PersonAccount extends Account {
  person: Person;
}

/** Who is signed in or whose token it is; undefined once a person is suspended or removed. */
export async function findAccount(people: People, id: string): Promise<PersonAccount | undefined> {
  const person = await tellOutage(() => people.find(id));
  return person ? { accountId: person.id, claims: () => ({ sub: person.id }), person } : undefined;
}

export function personOf(ctx: KoaContextWithOIDC): Person | undefined {
  return (ctx.oidc.account as PersonAccount | undefined)?.person;
}
