// libs/runtime/src/known.ts breaks @nx/enforce-module-boundaries, gatehouse/declared-dependency
import type { vault } from '@gatehouse/vault-service';

export type Vault = typeof vault;

// libs/runtime/src/known.ts breaks nothing
import { leaseCredential } from '@gatehouse/contracts';

export const subject = leaseCredential.subject;
