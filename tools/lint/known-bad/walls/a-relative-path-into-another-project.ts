// apps/edge/src/known.ts breaks @nx/enforce-module-boundaries
import { leaseCredential } from '../../../libs/contracts/src/index.js';

export const subject = leaseCredential.subject;

// apps/edge/src/known.ts breaks nothing
import { leaseCredential } from '@gatehouse/contracts';

export const subject = leaseCredential.subject;
