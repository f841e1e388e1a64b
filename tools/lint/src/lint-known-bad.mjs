/**
 * Lints every file in known-bad/ by the real configuration, as if it stood where its first line says, and prints what
 * was found as JSON. A process of its own, for ESLint's parser and Nx's native part do not run inside jest.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CASES = join(ROOT, 'tools/lint/known-bad');
const HEADING = /^\/\/ (?<path>\S+) breaks (?<rules>.+)$/;

const cases = readdirSync(CASES, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.includes('.spec.'))
  .map((entry) => join(entry.parentPath, entry.name))
  .flatMap(readCases);

/** The bad half and its good twin. */
function readCases(file) {
  const halves = readFileSync(file, 'utf8').split(/^(?=\/\/ \S+ breaks )/m);
  return halves.map((half) => {
    const [heading, ...lines] = half.split('\n');
    const { path, rules } = HEADING.exec(heading).groups;
    const expected = rules === 'nothing' ? [] : rules.split(', ').sort();
    return { file: relative(CASES, file), path, expected, text: lines.join('\n').trim() + '\n' };
  });
}

// No such files are on disk, so no tsconfig.json includes them.
const virtual = { project: null, projectService: serviceFor([...new Set(cases.map(({ path }) => path))]) };

function serviceFor(allowDefaultProject) {
  return {
    allowDefaultProject,
    defaultProject: 'tools/lint/tsconfig.check.json',
    maximumDefaultProjectFileMatchCount_THIS_WILL_SLOW_DOWN_LINTING: allowDefaultProject.length,
  };
}

const eslint = new ESLint({
  cwd: ROOT,
  ignore: false,
  overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions: virtual } },
});

const results = [];
for (const { text, ...given } of cases) {
  const [result] = await eslint.lintText(text, { filePath: join(ROOT, given.path) });
  const errors = result.messages.filter(({ severity }) => severity === 2);
  results.push({
    ...given,
    found: [...new Set(errors.map(({ ruleId, message }) => ruleId ?? message))].sort(),
  });
}
console.log(JSON.stringify(results));
