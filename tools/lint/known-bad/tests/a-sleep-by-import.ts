// apps/vault/src/known.spec.ts breaks no-restricted-imports
import { setTimeout as sleep } from 'node:timers/promises';

it('waits', () => sleep(100));

// apps/vault/src/known.spec.ts breaks nothing
import { once } from 'node:events';

it('waits', () => once(process, 'message'));
