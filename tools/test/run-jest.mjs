import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ROOT } from './root.mjs';

/** By file name: `x.spec.ts` is pure, `x.int.spec.ts` has real servers, `x.e2e.spec.ts` a whole installation. */
const KINDS = {
  unit: { pattern: '(?<!\\.int|\\.e2e)\\.spec\\.ts$', workers: 2, limitMinutes: 10 },
  int: { pattern: '\\.int\\.spec\\.ts$', workers: 2, limitMinutes: 15 },
  e2e: { pattern: '\\.e2e\\.spec\\.ts$', workers: 1, limitMinutes: 20 },
};

export const KIND_NAMES = Object.keys(KINDS);

/**
 * Runs all tests of one kind.
 *
 * @returns {Promise<{ passed: number, failed: number, files: { name: string, seconds: number }[] }>} skipped tests and
 * files that could not be run are failures, and so is a kind without tests
 */
export async function runJest(kind, env) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-jest-'));
  try {
    const report = join(folder, 'report.json');
    const code = await jest(KINDS[kind], report, env);
    return readReport(code, JSON.parse(await readFile(report, 'utf8').catch(() => '{}')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function jest({ pattern, workers, limitMinutes }, report, env) {
  const args = [
    '--testPathPatterns',
    pattern,
    '--maxWorkers',
    String(workers),
    '--json',
    '--outputFile',
    report,
  ];
  const child = spawn(process.execPath, [join(ROOT, 'node_modules/jest/bin/jest.js'), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'], // progress goes to stderr, the report to stdout as well
    env: { ...process.env, ...env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
  });
  const limit = setTimeout(() => {
    console.error(`jest did not end within ${limitMinutes} minutes: ended by force`);
    child.kill('SIGKILL');
  }, limitMinutes * 60_000);
  const endIt = () => child.kill();
  process.once('exit', endIt);
  const [code] = await once(child, 'exit');
  process.off('exit', endIt);
  clearTimeout(limit);
  return code;
}

function readReport(code, report) {
  const { numPassedTests: passed = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = report;
  const failed = numFailedTests + numPendingTests + numTodoTests + (report.numRuntimeErrorTestSuites ?? 0);
  if (numPendingTests + numTodoTests > 0)
    console.error(`${numPendingTests + numTodoTests} tests were skipped`);
  const isSilent = failed === 0 && (code !== 0 || passed === 0);
  if (isSilent)
    console.error(passed === 0 ? 'no test was run' : `jest ended with ${code}, though no test failed`);
  const files = (report.testResults ?? []).map(({ name, startTime, endTime }) => ({
    name: relative(ROOT, name),
    seconds: (endTime - startTime) / 1000,
  }));
  return { passed, failed: failed + Number(isSilent), files };
}
