// apps/auth/src/known.handler.ts breaks no-restricted-imports
import { IsNull } from 'typeorm';

export const open = { endedAt: IsNull() };

// apps/auth/src/known.handler.ts breaks nothing
import type { EntityManager } from 'typeorm';

export type Work = (manager: EntityManager) => Promise<void>;
