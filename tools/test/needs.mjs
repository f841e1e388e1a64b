/** The programs that tests run beside Node: found, or installed where that is possible, never done without. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian's name of a package, and the programs of which one is enough. */
const NEEDS = [
  {
    debian: 'nats-server',
    programs: ['nats-server'],
    instead: 'https://github.com/nats-io/nats-server/releases',
  },
  { debian: 'chromium', programs: ['chromium'], instead: 'your system\'s package "chromium"' },
  {
    debian: 'docker-compose',
    programs: ['docker-compose'],
    instead: 'https://docs.docker.com/compose/install',
  },
  {
    debian: 'redis-server',
    programs: ['valkey-server', 'redis-server'],
    instead: 'https://valkey.io/download',
  },
  { debian: 'nginx', programs: ['nginx'], instead: 'https://nginx.org/en/download.html' },
  { debian: 'postgresql-client', programs: ['psql'], instead: 'https://www.postgresql.org/download' },
];

const ELSEWHERE = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin'];

/** @returns {boolean} false if something is missing and could not be installed; says what to do */
export function provideNeeds() {
  let missing = findMissing();
  if (missing.length > 0 && canInstall()) {
    install(missing.map(({ debian }) => debian));
    missing = findMissing();
  }
  for (const { debian, programs, instead } of missing)
    console.error(
      `missing: ${programs.join(' or ')}. On Debian: apt-get install ${debian}. Elsewhere: ${instead}`,
    );
  return missing.length === 0;
}

function findMissing() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...ELSEWHERE];
  const has = (program) => folders.some((folder) => isExecutable(join(folder, program)));
  return NEEDS.filter(({ programs }) => !programs.some(has));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function canInstall() {
  return process.getuid?.() === 0 && isExecutable('/usr/bin/apt-get');
}

function install(packages) {
  console.log(`needs: installing ${packages.join(', ')} with apt-get ...`);
  const apt = (...args) =>
    spawnSync('apt-get', ['-q', '-y', '-o', 'Dpkg::Use-Pty=0', ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt('update');
  apt('install', '--no-install-recommends', ...packages);
}
