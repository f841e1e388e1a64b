import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

interface Case {
  file: string;
  path: string;
  expected: string[];
  found: string[];
}

const script = fileURLToPath(new URL('./lint-known-bad.mjs', import.meta.url));
const { stdout } = await promisify(execFile)(process.execPath, [script]);
const cases = JSON.parse(stdout) as Case[];

describe('the lint', () => {
  it.each(cases.filter(({ expected }) => expected.length > 0))('bites $file', ({ expected, found }) => {
    expect(found).toEqual(expected);
  });

  it.each(cases.filter(({ expected }) => expected.length === 0))(
    'passes the good twin of $file',
    ({ found }) => {
      expect(found).toEqual([]);
    },
  );

  it('has a good twin for every bad half', () => {
    const bad = cases.filter(({ expected }) => expected.length > 0);
    expect(bad.length * 2).toBe(cases.length);
    expect(bad.length).toBeGreaterThan(30);
  });
});
