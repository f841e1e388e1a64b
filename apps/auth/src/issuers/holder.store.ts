import type { EntityManager } from 'typeorm';
import { findAccount } from '../machines/service-accounts.store.js';
import type { Holder } from '../oidc/account.js';
import { findPerson } from '../people/people.store.js';
import { PersonIdentityRow } from '../sso/sso.entity.js';
import type { RegisteredIssuer } from './issuers.store.js';
import type { ClaimedSubject } from './subject-of-claims.js';

/** The person or service account of whom a JWT speaks, if they may act. */
export async function findHolder(
  manager: EntityManager,
  { tenant, registration }: RegisteredIssuer,
  subject: ClaimedSubject,
): Promise<Holder | null> {
  switch (subject.kind) {
    case 'service-account':
      return findAccount(manager, { tenant, name: subject.name });
    case 'email':
      return findPerson(manager, { tenant, email: subject.value });
    case 'external_id':
      return findPerson(manager, { tenant, externalId: subject.value });
    case 'identity': {
      const { issuer } = registration;
      const known = await manager.findBy(PersonIdentityRow, { tenant, issuer, subject: subject.value });
      // The same issuer may be several providers here: they must agree on who it is.
      const [id, ...others] = new Set(known.map(({ person }) => person));
      return id === undefined || others.length > 0 ? null : findPerson(manager, { tenant, id });
    }
    case 'nobody':
      return null;
  }
}
