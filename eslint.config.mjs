import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { gatehouse } from './tools/lint/plugin.mjs';
import { readProjectGraph } from './tools/lint/project-graph.mjs';
import { inTests, inWhatShips } from './tools/lint/walls.mjs';

// Without a graph on disk the boundary rule says so in one line, and passes everything.
await readProjectGraph();

const CODE = ['**/*.{ts,tsx,mjs}'];
const TYPESCRIPT = ['**/*.{ts,tsx}'];
const TESTS = ['**/*.spec.ts', 'apps/*/test/**/*.ts', 'apps/gatehouse/e2e/**/*.ts'];
const SERVICES = ['edge', 'auth', 'vault', 'policy', 'audit', 'console'].map(
  (name) => `apps/${name}/src/**/*.{ts,tsx}`,
);
const QUERIES = ['**/*.entity.ts', '**/entities.ts', '**/entities/**', '**/*.store.ts', '**/migrations/**'];

const PURE_MEANS = 'A pure library neither reads nor sends: take the value as a parameter.';
const OUTSIDE = [
  'fs',
  'fs/promises',
  'http',
  'https',
  'http2',
  'net',
  'tls',
  'dns',
  'child_process',
  'worker_threads',
];

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '**/.nx/', '.cache/', '.gatehouse/', 'tools/lint/known-bad/'] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' } },

  {
    name: 'names and sizes',
    files: CODE,
    plugins: { gatehouse },
    rules: {
      'gatehouse/names': 'error',
      'gatehouse/no-waivers': 'error',
      'gatehouse/folder-size': 'error',
      'gatehouse/parameters': 'error',
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 60 }],
    },
  },

  {
    name: 'walls between projects',
    files: CODE,
    ignores: ['**/jest.config.mjs'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': inWhatShips,
      'gatehouse/declared-dependency': 'error',
    },
  },

  { name: 'javascript', files: ['**/*.mjs'], ...js.configs.recommended },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: { console: false, process: false, URL: false, setTimeout: false, clearTimeout: false },
    },
  },

  {
    name: 'typescript',
    files: TYPESCRIPT,
    extends: [js.configs.recommended, ...tseslint.configs.recommendedTypeChecked],
    // One program for sources and tests alike: three times faster than a language service for each project.
    languageOptions: {
      parserOptions: { project: ['tools/lint/tsconfig.check.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingUnknown: true, allowThrowingAny: true },
      ],
      '@typescript-eslint/return-await': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allow: ['URL', 'URLSearchParams'] },
      ],
      // A handler is async by its contract, whether it waits or not.
      '@typescript-eslint/require-await': 'off',
    },
  },

  {
    name: 'pure libraries',
    files: ['libs/{contracts,mcp,policy}/src/**/*.ts'],
    ignores: TESTS,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: OUTSIDE.flatMap((name) => [name, `node:${name}`]).map((name) => ({
            name,
            message: PURE_MEANS,
          })),
        },
      ],
      'no-restricted-globals': [
        'error',
        ...['fetch', 'process'].map((name) => ({ name, message: PURE_MEANS })),
      ],
    },
  },

  {
    name: 'services',
    files: SERVICES,
    ignores: [...TESTS, ...QUERIES],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'typeorm',
              allowTypeImports: true,
              message: 'Entities, migrations and stores know TypeORM: put this into a `*.store.ts`.',
            },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[object.name="process"][property.name="env"]',
          message:
            "Declare the variable in the service's `config` schema: it is read, checked and documented there.",
        },
      ],
    },
  },

  {
    name: 'the call path',
    files: ['apps/edge/src/**/*.ts'],
    ignores: TESTS,
    rules: {
      'no-restricted-globals': [
        'error',
        {
          name: 'fetch',
          message:
            'Upstreams are called through the pools in upstream/: fetch costs several times as much and follows redirects.',
        },
      ],
    },
  },

  {
    name: 'tests',
    files: TESTS,
    rules: {
      '@nx/enforce-module-boundaries': inTests,
      'gatehouse/declared-dependency': 'off',
      'max-lines-per-function': 'off',
      'gatehouse/parameters': 'off', // the columns of a table of cases
      // What a real server answered is unknown until the test has looked at it.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'no-restricted-imports': [
        'error',
        {
          paths: ['timers/promises', 'node:timers/promises'].map((name) => ({
            name,
            message: 'Await the event itself (`once`, a promise of the code under test), never the clock.',
          })),
        },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'NewExpression[callee.name="Promise"] CallExpression[callee.name="setTimeout"]',
          message: 'Await the event itself (`once`, a promise of the code under test), never the clock.',
        },
        {
          selector:
            'MemberExpression[object.name=/^(describe|it|test)$/][property.name=/^(skip|only|todo|failing)$/]',
          message: 'Every test runs, or is deleted.',
        },
        {
          selector: 'CallExpression[callee.name=/^[xf](describe|it|test)$/]',
          message: 'Every test runs, or is deleted.',
        },
      ],
    },
  },

  {
    name: 'command line and tools',
    files: ['apps/gatehouse/**', 'tools/**'],
    rules: { 'no-console': 'off' },
  },
  prettier,
);
