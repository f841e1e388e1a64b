// apps/console/src/known.ts breaks gatehouse/declared-dependency
import * as policy from '@gatehouse/policy';

export const names = Object.keys(policy);

// apps/console/src/known.ts breaks nothing
import { leaseCredential } from '@gatehouse/contracts';

export const subject = leaseCredential.subject;
