/**
 * Installs MCP's conformance suite, which the e2e suite runs, into `tools/conformance/node_modules`. It has a lock of
 * its own, so that nobody who only builds or runs Gatehouse downloads it. The Node on which it runs is in tools/clients.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));

const installedAt = modified('node_modules/.package-lock.json'); // npm writes it last
if (installedAt < modified('package-lock.json')) {
  console.log("conformance: installing MCP's conformance suite (50 MB) ...");
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', args, { cwd: HERE, env: withoutNpm(process.env), stdio: 'inherit' });
  if (status !== 0) {
    console.error(`conformance: npm ci failed in ${HERE}: see above, then run this again`);
    process.exit(1);
  }
}

function modified(file) {
  return statSync(join(HERE, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Under `npm test`, npm hands its own settings down, and they are about another package. */
function withoutNpm(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.toLowerCase().startsWith('npm_')));
}
