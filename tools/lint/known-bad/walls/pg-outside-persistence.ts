// apps/vault/src/known.ts breaks @nx/enforce-module-boundaries
import { Pool } from 'pg';

export const pool = new Pool();

// libs/persistence/src/known.ts breaks nothing
import { Pool } from 'pg';

export const pool = new Pool();
