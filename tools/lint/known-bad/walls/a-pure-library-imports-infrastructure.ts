// libs/mcp/src/known.ts breaks @nx/enforce-module-boundaries, gatehouse/declared-dependency
import type { Bus } from '@gatehouse/bus';

export type Sender = Bus;

// libs/mcp/src/known.ts breaks nothing
import { leaseCredential } from '@gatehouse/contracts';

export const subject = leaseCredential.subject;
