import type { AccessEnded } from '@gatehouse/contracts';
import { In, IsNull, type EntityManager } from 'typeorm';
import { ServiceAccountRow } from '../machines/machines.entity.js';
import { removeSignIns } from '../oidc/sign-ins/remove-sign-ins.js';
import type { EndedAccess } from '../tokens/ended-access.store.js';
import { PersonalAccessTokenRow } from '../tokens/tokens.entity.js';
import { PersonRow } from './people.entity.js';

/**
 * What people lose by a change: some of their `rights` (a team, the administrator's), and their clients go on with new
 * access tokens; personal access `tokens`; all `sign-ins`, and they sign in anew; or `everything`. In this order the
 * greater loss counts.
 */
export const LOSSES = ['rights', 'tokens', 'sign-ins', 'everything'] as const;
export type Loss = (typeof LOSSES)[number];

/** A person or a service account. */
export type Holder = Pick<PersonRow, 'tenant' | 'id' | 'generation'>;

/**
 * Ends what people and service accounts of one tenant hold, as a part of the transaction that takes it from them. EndedAccess.tell follows
 * once that is committed.
 *
 * @param lost its people are locked for the transaction: two changes at once would raise a generation to the same number
 */
export async function endAccess(
  manager: EntityManager,
  endedAccess: EndedAccess,
  lost: { readonly people: readonly Holder[]; readonly loss: Loss },
): Promise<AccessEnded[]> {
  const { people, loss } = lost;
  if (people.length === 0) return [];
  const ids = people.map(({ id }) => id);
  for (const Row of [PersonRow, ServiceAccountRow])
    await manager.increment(Row, { id: In(ids) }, 'generation', 1);
  if (loss === 'sign-ins' || loss === 'everything') await removeSignIns(manager, ids);
  if (loss === 'tokens' || loss === 'everything')
    await manager.update(
      PersonalAccessTokenRow,
      { person: In(ids), revoked: IsNull() },
      { revoked: new Date() },
    );
  const before = Math.floor(Date.now() / 1_000);
  const ended = people.map(({ tenant, id, generation }): AccessEnded => ({
    ...{ tenant, kind: 'subject', id, before },
    generation: generation + 1,
  }));
  await endedAccess.record(manager, ...ended);
  return ended;
}
