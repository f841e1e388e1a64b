// apps/edge/src/known.ts breaks @nx/enforce-module-boundaries
import type { Request } from 'express';

export const path = (request: Request) => request.path;

// apps/console/src/known.ts breaks nothing
import type { Request } from 'express';

export const path = (request: Request) => request.path;
