import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs a folder that has a lock of its own, so that nobody who only builds or runs Gatehouse downloads it. Does
 * nothing if it is installed as the lock says. Ends the process with 1 if npm fails.
 *
 * @param {string} name for the lines that are printed
 * @param {string} folder
 * @param {string} what is installed, for a person
 */
export function installLocked(name, folder, what) {
  const installedAt = modified(join(folder, 'node_modules/.package-lock.json')); // npm writes it last
  if (installedAt >= modified(join(folder, 'package-lock.json'))) return;
  console.log(`${name}: installing ${what} ...`);
  const started = Date.now();
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', args, { cwd: folder, env: withoutNpm(process.env), stdio: 'inherit' });
  if (status !== 0) {
    console.error(`${name}: npm ci failed in ${folder}: see above, then run this again`);
    process.exit(1);
  }
  console.log(`${name}: installed in ${Math.round((Date.now() - started) / 1000)} s`);
}

function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Under `npm test`, npm hands its own settings down, and they are about another package. */
function withoutNpm(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.toLowerCase().startsWith('npm_')));
}
