// apps/vault/src/known.spec.ts breaks no-restricted-syntax
it('waits', async () => {
  await new Promise((resolve) => setTimeout(resolve, 100));
});

// apps/vault/src/known.spec.ts breaks nothing
import { once } from 'node:events';

it('waits', async () => {
  await once(process, 'message');
});
