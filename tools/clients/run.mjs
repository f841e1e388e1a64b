/** `npm run clients`: every outside client, through sign-in, a call, a step-up and a refresh; writes docs/clients.md. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { provideNeeds } from '../test/needs.mjs';
import { ROOT } from '../test/root.mjs';

if (!provideNeeds()) process.exit(2);
run([join(ROOT, 'tools/clients/install.mjs'), 'vendors']);
run([join(ROOT, 'node_modules/typescript/bin/tsc'), '-b']);
run(
  [
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    '--selectProjects',
    'gatehouse',
    '--testPathPatterns',
    'tried-clients',
  ],
  {
    CLIENTS: 'all',
    NODE_OPTIONS: '--experimental-vm-modules --no-warnings',
  },
);

function run(args, env = {}) {
  const { status } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (status !== 0) process.exit(status ?? 1);
}
