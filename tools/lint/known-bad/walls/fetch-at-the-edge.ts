// apps/edge/src/known.ts breaks no-restricted-globals
export const call = (url: string) => fetch(url);

// apps/edge/src/known.ts breaks nothing
import type { Pool } from 'undici';

export const call = (pool: Pool) => pool.request({ path: '/', method: 'GET' });
