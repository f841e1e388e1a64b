/**
 * `npm test [unit|int|e2e ...]`: every check, or the tests of some kinds only. A check counts as one test. What fails
 * does not keep the rest from running. The last line of standard output is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { provideNeeds } from './needs.mjs';
import { ROOT } from './root.mjs';
import { KIND_NAMES, runJest } from './run-jest.mjs';
import { withPostgres } from './test-postgres.mjs';

const total = { passed: 0, failed: 0, files: [], steps: [] };

const asked = process.argv.slice(2);
const unknown = asked.filter((kind) => !KIND_NAMES.includes(kind));
if (unknown.length > 0) {
  console.error(
    `unknown kind of test: ${unknown.join(', ')}. Known: ${KIND_NAMES.join(', ')}; none means every check`,
  );
  process.exit(2);
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1)); // what we started ends with us

console.log(`Node ${process.version}, ${asked.join(', ') || 'every check'}`);
if (!provideNeeds()) end(2);
if (asked.length === 0) {
  check('format', ['prettier', '--check', '--log-level', 'warn', '.']);
  check('lint', ['eslint', '--max-warnings', '0', '.']);
}
const isBuilt = check('build', ['tsc', '-b']);
if (asked.length === 0) check('types of tests', ['tsc', '-p', 'tools/lint/tsconfig.check.json']);
for (const kind of asked.length > 0 ? asked : KIND_NAMES) await step(kind, () => runTests(kind));
end(total.failed > 0 ? 1 : 0);

async function runTests(kind) {
  if (kind === 'unit') return runJest(kind, {});
  if (!isBuilt) throw new Error('needs the build, which failed');
  if (kind === 'e2e') for (const folder of ['clients', 'conformance']) installOutside(folder);
  return withPostgres((env) => runJest(kind, env));
}

function installOutside(folder) {
  const script = join(ROOT, 'tools', folder, 'install.mjs');
  const { status } = spawnSync(process.execPath, [script], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`needs what could not be installed: node tools/${folder}/install.mjs`);
}

/** @returns {boolean} whether the program in node_modules/.bin ended well */
function check(name, [program, ...args]) {
  const started = announce(name);
  const command = join(ROOT, 'node_modules/.bin', program);
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  count(name, started, { passed: Number(status === 0), failed: Number(status !== 0), files: [] });
  return status === 0;
}

async function step(name, work) {
  const started = announce(name);
  const result = await work().catch((error) => {
    console.error(`${name}: ${error.message}`);
    return { passed: 0, failed: 1, files: [] };
  });
  count(name, started, result);
}

function announce(name) {
  console.log(`\n== ${name}`);
  return Date.now();
}

function count(name, started, { passed, failed, files }) {
  const seconds = Math.round((Date.now() - started) / 1000);
  total.passed += passed;
  total.failed += failed;
  total.files.push(...files);
  total.steps.push(
    `${failed === 0 ? 'ok    ' : 'FAILED'} ${name}: ${passed} passed, ${failed} failed, ${seconds} s`,
  );
  console.log(total.steps.at(-1));
}

function end(code) {
  if (code === 2) total.failed += 1;
  const slowest = total.files.sort((a, b) => b.seconds - a.seconds).slice(0, 10);
  if (slowest.length > 0) console.log('\nslowest files:');
  for (const { name, seconds } of slowest) console.log(`${seconds.toFixed(1).padStart(7)} s ${name}`);
  console.log(`\n${total.steps.join('\n')}`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`, () => process.exit(code));
}
