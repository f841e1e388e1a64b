import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, lstat, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transformFile } from '@swc/core';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { importBinaries, libraryPath } from './postgres-binaries.js';

const MINUTE = 60_000;
const sources = fileURLToPath(new URL('..', import.meta.url));
const workspace = fileURLToPath(new URL('../../../..', import.meta.url));

async function query(url: string, sql: string) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Starts a server in a process of its own, as `npm start` does, and ends that process with SIGKILL. */
async function startAndBeKilled(folder: string, program: string): Promise<string> {
  await symlink(join(workspace, 'node_modules'), join(program, 'node_modules'));
  await writeFile(join(program, 'package.json'), '{"type":"module"}');
  await mkdir(join(program, 'embedded'));
  for (const name of await readdir(sources, { recursive: true })) {
    if (!name.endsWith('.ts') || name.endsWith('.spec.ts')) continue;
    const options = { swcrc: false, jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } } as const;
    const { code } = await transformFile(join(sources, name), options);
    await writeFile(join(program, name.replace('.ts', '.js')), code);
  }
  const code = `import { startEmbeddedPostgres } from './embedded/embedded-postgres.js';
    const { url } = await startEmbeddedPostgres({ folder: ${JSON.stringify(folder)} });
    console.log(url); setInterval(() => {}, 1000);`;
  await writeFile(join(program, 'main.js'), code);
  const env = { ...process.env, NODE_OPTIONS: '' };
  const child = spawn(process.execPath, ['main.js'], {
    cwd: program,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGKILL');
  await once(child, 'exit');
  return url.toString().trim();
}

const pidFile = (folder: string) => join(folder, 'data', 'postmaster.pid');
const pidOf = async (folder: string) => Number((await readFile(pidFile(folder), 'utf8')).split('\n')[0]);

describe('the embedded Postgres', () => {
  let folder: string;
  let program: string;
  const servers: EmbeddedPostgres[] = [];

  const start = async (settings = {}) => {
    const server = await startEmbeddedPostgres({ folder, settings });
    servers.push(server);
    return server;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-embedded-'));
    program = await mkdtemp(join(tmpdir(), 'gatehouse-starter-'));
  });

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  }, MINUTE);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await rm(program, { recursive: true, force: true });
  });

  it(
    'keeps its data from one start to the next, and leaves no process behind',
    async () => {
      const first = await start();
      await query(first.url, "create table kept as select 'here' as still");
      const pid = await pidOf(folder);
      await first.stop();
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
      const second = await start();
      expect(await query(second.url, 'select still from kept')).toEqual([{ still: 'here' }]);
    },
    MINUTE,
  );

  it('writes to the disk before it answers, and listens on this machine only', async () => {
    const { url } = await start();
    const settings =
      "select name, setting from pg_settings where name in ('fsync', 'listen_addresses') order by 1";
    expect(await query(url, settings)).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
    ]);
  });

  it('lets nobody in without the password, which only its owner can read', async () => {
    const url = new URL((await start()).url);
    const { password } = url;
    url.password = 'guessed';
    await expect(query(url.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    const file = join(folder, 'password');
    expect(await readFile(file, 'utf8')).toBe(password);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('is not given our own environment, which holds secrets', async () => {
    process.env['GATEHOUSE_MASTER_KEY'] = 'a secret';
    await start();
    delete process.env['GATEHOUSE_MASTER_KEY'];
    const environment = await readFile(`/proc/${await pidOf(folder)}/environ`, 'utf8');
    expect(environment).toContain('PATH=');
    expect(environment).not.toContain('a secret');
  });

  it(
    'starts again with its data after the process that started it was killed',
    async () => {
      const url = await startAndBeKilled(folder, program);
      await query(url, "create table survivor as select 'alive' as state");
      const left = await pidOf(folder);
      const began = Date.now();
      const again = await start();
      expect(Date.now() - began).toBeLessThan(10_000);
      expect(await pidOf(folder)).not.toBe(left);
      expect(await query(again.url, 'select state from survivor')).toEqual([{ state: 'alive' }]);
    },
    MINUTE,
  );

  it('starts again after a power cut, though its process id belongs to another program by now', async () => {
    const { url } = await start();
    await query(url, "create table acknowledged as select 'durable' as state");
    const marks = await readFile(pidFile(folder), 'utf8');
    const pid = await pidOf(folder);
    process.kill(pid, 'SIGKILL');
    await servers.pop()?.stop();
    const stranger = spawn('sleep', ['600']);
    await once(stranger, 'spawn');
    await writeFile(pidFile(folder), marks.replace(String(pid), String(stranger.pid)));
    try {
      const again = await start();
      expect(await query(again.url, 'select state from acknowledged')).toEqual([{ state: 'durable' }]);
      expect(stranger.exitCode).toBeNull();
      expect(stranger.signalCode).toBeNull();
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('says what is wrong when it cannot start', async () => {
    await expect(start({ shared_buffers: 'plenty' })).rejects.toThrow(
      /does not start:[^]*shared_buffers.*plenty/,
    );
  });

  it('refuses data of another version, and leaves it as it is', async () => {
    const file = join(folder, 'data', 'PG_VERSION');
    const version = await readFile(file, 'utf8');
    await writeFile(file, '14\n');
    await expect(start()).rejects.toThrow(
      /is of Postgres 14, and the embedded Postgres is \d+: carry it over/,
    );
    await writeFile(file, version);
  });

  it('refuses data whose password is missing', async () => {
    const file = join(folder, 'password');
    const password = await readFile(file);
    await rm(file);
    await expect(start()).rejects.toThrow(/password is missing: restore it/);
    await writeFile(file, password, { mode: 0o600 });
  });

  it(
    'begins afresh where a first start was interrupted',
    async () => {
      const halfMade = await mkdtemp(join(tmpdir(), 'gatehouse-half-'));
      await mkdir(join(halfMade, 'data.new', 'base'), { recursive: true });
      await writeFile(join(halfMade, 'password'), '');
      const { url, stop } = await startEmbeddedPostgres({ folder: halfMade });
      expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
      await stop();
      await rm(halfMade, { recursive: true });
    },
    MINUTE,
  );

  it(
    'runs as nobody where root may make no user namespace, over the data it made otherwise',
    async () => {
      const path = process.env['PATH'];
      process.env['PATH'] = '/nowhere';
      const { url } = await start();
      process.env['PATH'] = path;
      const self = process.getuid?.();
      expect((await stat(pidFile(folder))).uid).toBe(self === 0 ? 65_534 : self);
      expect(await query(url, 'select state from survivor')).toEqual([{ state: 'alive' }]);
      await servers.pop()?.stop();
      expect(await query((await start()).url, 'select state from survivor')).toEqual([{ state: 'alive' }]);
      expect((await stat(pidFile(folder))).uid).toBe(self);
    },
    MINUTE,
  );
});

describe('the binaries of the embedded Postgres', () => {
  it('say to set DATABASE_URL where there are none for this machine', async () => {
    const missing = importBinaries('@embedded-postgres/plan9-mips');
    await expect(missing).rejects.toThrow(/plan9-mips is not installed\): set DATABASE_URL/);
  });

  it('find their libraries though the links of their package were never made', async () => {
    const { initdb } = await importBinaries(`@embedded-postgres/${process.platform}-${process.arch}`);
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-native-'));
    const native = join(folder, 'native');
    await cp(join(initdb, '../..'), native, {
      recursive: true,
      filter: async (file) => !(await lstat(file)).isSymbolicLink(),
    });
    const run = (env: Record<string, string>) =>
      promisify(execFile)(join(native, 'bin/postgres'), ['-V'], { env });
    await expect(run({})).rejects.toThrow(/libicu/);
    await expect(run(await libraryPath(native, join(folder, 'lib')))).resolves.toMatchObject({
      stdout: expect.stringContaining('PostgreSQL'),
    });
    await rm(folder, { recursive: true });
  });
});
