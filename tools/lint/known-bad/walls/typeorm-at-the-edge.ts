// apps/edge/src/known.store.ts breaks @nx/enforce-module-boundaries
import { IsNull } from 'typeorm';

export const open = { endedAt: IsNull() };

// apps/auth/src/known.store.ts breaks nothing
import { IsNull } from 'typeorm';

export const open = { endedAt: IsNull() };
