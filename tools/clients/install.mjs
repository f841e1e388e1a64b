/**
 * Installs the outside clients that the e2e suite drives, and Node 24, into `tools/clients/node_modules`; with
 * `vendors` also those of `npm run clients`. They have locks of their own, so that nobody who only builds or runs
 * Gatehouse downloads them.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));

install(HERE, 'MCP Inspector, mcp-remote, the SDK and Node 24 (300 MB, under a minute)');
if (process.argv[2] === 'vendors')
  install(join(HERE, 'vendors'), 'Claude Code, Gemini CLI, OpenCode and Cline (800 MB, under a minute)');

function install(folder, what) {
  const installedAt = modified(join(folder, 'node_modules/.package-lock.json')); // npm writes it last
  if (installedAt >= modified(join(folder, 'package-lock.json'))) return;
  console.log(`clients: installing ${what} ...`);
  const started = Date.now();
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', args, { cwd: folder, env: withoutNpm(process.env), stdio: 'inherit' });
  if (status !== 0) {
    console.error(`clients: npm ci failed in ${folder}: see above, then run this again`);
    process.exit(1);
  }
  console.log(`clients: installed in ${Math.round((Date.now() - started) / 1000)} s`);
}

function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Under `npm test`, npm hands its own settings down, and they are about another package. */
function withoutNpm(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.toLowerCase().startsWith('npm_')));
}
