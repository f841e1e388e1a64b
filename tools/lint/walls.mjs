/**
 * The walls between projects, as settings of `@nx/enforce-module-boundaries`. Tags stand in the `nx.tags` of each
 * project's package.json; CONTRIBUTING.md explains the table.
 */

const everyPathOf = (...packages) => packages.flatMap((name) => [name, `${name}/*`]);

const MAY_IMPORT = {
  'type:pure': ['type:pure'],
  'type:infra': ['type:pure', 'type:infra'],
  'type:service': ['type:pure', 'type:infra'],
  'type:composition': ['type:pure', 'type:infra', 'type:service'],
  'type:testing': ['type:pure', 'type:infra', 'type:testing'],
  'type:tool': ['type:pure', 'type:infra', 'type:testing', 'type:tool', 'type:composition'],
};

/** Packages that have one home. Everyone else asks that home for what they need. */
const HOMES = [
  { packages: everyPathOf('nats', '@nats-io'), scopes: ['bus'] },
  { packages: everyPathOf('pg'), scopes: ['persistence', 'testing'] },
  { packages: everyPathOf('typeorm'), scopes: ['persistence', 'auth', 'vault', 'policy', 'audit'] },
];

const SCOPES = [
  ...['edge', 'auth', 'vault', 'policy', 'audit', 'console', 'gatehouse'],
  ...['bus', 'caller', 'persistence', 'runtime', 'testing'],
];

const strangersTo = (scopes) => SCOPES.filter((scope) => !scopes.includes(scope));

const bans = [
  ...HOMES.flatMap(({ packages, scopes }) =>
    strangersTo(scopes).map((scope) => ({ sourceTag: `scope:${scope}`, bannedExternalImports: packages })),
  ),
  {
    sourceTag: 'type:pure',
    bannedExternalImports: everyPathOf(
      '@nestjs',
      'nats',
      '@nats-io',
      'typeorm',
      'pg',
      'undici',
      'express',
      'rxjs',
    ),
  },
  // Express costs three times the whole proxied request.
  { sourceTag: 'scope:edge', bannedExternalImports: everyPathOf('express', '@nestjs/platform-express') },
];

/** What ships never sees libs/testing. */
export const inWhatShips = [
  'error',
  {
    allow: [],
    depConstraints: [
      ...Object.entries(MAY_IMPORT).map(([sourceTag, tags]) => ({
        sourceTag,
        onlyDependOnLibsWithTags: tags,
      })),
      ...bans,
    ],
  },
];

/** A test also uses libs/testing, and asks the real broker and database directly. */
export const inTests = [
  'error',
  {
    allow: [],
    ignoredCircularDependencies: [['@gatehouse/testing', '*']], // it starts those whose tests it serves
    depConstraints: Object.entries(MAY_IMPORT).map(([sourceTag, tags]) => ({
      sourceTag,
      onlyDependOnLibsWithTags: [...tags, 'type:testing'],
    })),
  },
];
