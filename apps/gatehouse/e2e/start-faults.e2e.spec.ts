import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@gatehouse/persistence';
import { startNats, type NatsServer } from '@gatehouse/testing';
import { gatehouse, run } from './command-line.js';
import {
  freePort,
  Installation,
  removeFolder,
  ROOT,
  SHAPES,
  type Shape,
  type StartOptions,
} from './shape.js';

const PASSWORD = 'a-password-that-nobody-may-read';
const KEY = randomBytes(32).toString('base64');
const OTHER_KEY = randomBytes(32).toString('base64');

/** Starts what cannot start. @returns what it printed, which names no secret and shows no stack */
async function refusal(shape: Shape, options: StartOptions = {}): Promise<string> {
  const installation = await Installation.launch(shape, {
    ...options,
    env: { GATEHOUSE_DEMO: '0', ...options.env },
  });
  const code = await installation.ended();
  if (options.data === undefined) await removeFolder(installation.data);
  return expectRefusal(code, installation.output);
}

function expectRefusal(code: number | null, output: string): string {
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('gatehouse: ') as string });
  expect(output).not.toMatch(/^\s+at .*:\d+/m);
  for (const secret of [PASSWORD, KEY, OTHER_KEY]) expect(output).not.toContain(secret);
  return output;
}

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(await freePort(), '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as { port: number }).port };
}

describe.each(SHAPES)('a start that cannot succeed ends with 1 and one clear line, %s', (shape) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-faults-'));
  });
  afterAll(() => removeFolder(folder));

  it('port in use', async () => {
    const { server, port } = await listening();
    const data = join(folder, 'port');
    const output = await refusal(shape, { port, data });
    server.close();
    expect(output).toMatch(new RegExp(`gatehouse: port ${port} .*in use.*GATEHOUSE_PORT`));
  });

  it('data folder that cannot be made', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const output = await refusal(shape, { data: join(file, 'data') });
    expect(output).toContain(`the folder ${file}/data cannot be written (ENOTDIR)`);
  });

  it('data folder on a disk that is read-only', async () => {
    const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && exec "$2" "$3"';
    const entry = join(
      ROOT,
      shape === 'processes' ? 'tools/dev/dist/main.js' : 'apps/gatehouse/dist/main.js',
    );
    const inside = ['-m', 'sh', '-c', script, 'sh', folder, process.execPath, entry];
    const env = { GATEHOUSE_DATA: folder, GATEHOUSE_PORT: String(await freePort()) };
    const { code, stderr } = await run('unshare', inside, { env });
    expect(expectRefusal(code, stderr)).toContain(`the folder ${folder} cannot be written (EROFS)`);
  });

  it('several faults of the configuration, all of them at once', async () => {
    const env = {
      GATEHOUSE_PORT: 'abc',
      GATEHOUSE_PUBLIC_URL: 'notaurl',
      GATEHOUSE_TENANT: 'No Name',
      EDGE_BODY_LIMIT: '-1',
    };
    const output = await refusal(shape, { env });
    for (const name of Object.keys(env)) expect(output).toContain(`  ${name}: `);
    expect(output.match(/gatehouse: /g)).toHaveLength(1);
  });

  it('manifests with a fault: names the file and the place', async () => {
    const file = join(folder, 'apply.yaml');
    await writeFile(
      file,
      'type: mcp-server/remote\nname: one\nurl: http://127.0.0.1:1/mcp\n---\ntype: nothing\n',
    );
    const output = await refusal(shape, { env: { GATEHOUSE_APPLY: file } });
    expect(output).toMatch(/apply\.yaml.*document 2/);
  });

  describe('an old data folder', () => {
    let data: string;
    const env = { GATEHOUSE_MASTER_KEY: KEY, GATEHOUSE_DEMO: '0' };

    it('is locked while its installation runs, but not when that was killed', async () => {
      data = join(folder, 'old');
      const first = await Installation.start('all-in-one', { data, env });
      expect(await refusal(shape, { data, env })).toContain('is in use by another Gatehouse');
      await first.kill();
      const second = await Installation.start('all-in-one', { data, env });
      expect(await second.stop({ keepData: true })).toBe(0);
    });

    it('refuses another master key, says both fingerprints, and is whole afterwards', async () => {
      const output = await refusal(shape, { data, env: { GATEHOUSE_MASTER_KEY: OTHER_KEY } });
      expect(output).toMatch(
        /fingerprint [0-9a-f]{8}, but the one given has [0-9a-f]{8}: set GATEHOUSE_MASTER_KEY/,
      );
      const right = await Installation.start('all-in-one', { data, env });
      expect(await right.stop({ keepData: true })).toBe(0);
    });

    it('gets no new master key when its own is missing', async () => {
      const output = await refusal(shape, { data });
      expect(output).toMatch(/master\.key is missing.*put the key back/);
      expect(await readdir(data)).not.toContain('master.key');
    });

    it('refuses a master key that is none', async () => {
      const output = await refusal(shape, { data, env: { GATEHOUSE_MASTER_KEY: 'short' } });
      expect(output).toContain('GATEHOUSE_MASTER_KEY: must be 32 bytes in base64');
    });
  });
});

it('an unknown command is bad usage', async () => {
  expect(await gatehouse(['strat'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no command `strat`') as string,
  });
});

describe('outside servers', () => {
  let postgres: EmbeddedPostgres;
  let nats: NatsServer;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-faults-'));
    postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
    nats = await startNats({ config: `authorization { user: gate, password: "${PASSWORD}-right" }` });
  });
  afterAll(async () => {
    await postgres.stop();
    await nats.stop();
    await removeFolder(folder);
  });

  /** One service as a process of its own. */
  function service(name: string, env: Record<string, string>) {
    const child = spawn(process.execPath, [join(ROOT, `apps/${name}/dist/main.js`)], {
      env: {
        PATH: process.env['PATH'],
        GATEHOUSE_PUBLIC_URL: 'http://127.0.0.1',
        GATEHOUSE_PORT: '0',
        ...env,
      },
    });
    let output = '';
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return { output: () => output, ended: once(child, 'close').then(([code]) => code as number) };
  }

  const withUser = (url: string, user: string, password = PASSWORD) => {
    const changed = new URL(url);
    changed.username = user;
    changed.password = password;
    return changed.href;
  };

  it('are waited for, which is said within 10 s, and given up after 60 s', async () => {
    const nowhere = await freePort();
    const missing = [
      await Installation.launch('all-in-one', {
        env: { DATABASE_URL: `postgres://gate:${PASSWORD}@127.0.0.1:${nowhere}/gate` },
      }),
      await Installation.launch('all-in-one', {
        env: { GATEHOUSE_DEMO: '0', NATS_URL: `nats://gate:${PASSWORD}@127.0.0.1:${nowhere}` },
      }),
    ] as const;
    const edge = service('edge', { NATS_URL: `nats://edge:${PASSWORD}@127.0.0.1:${nowhere}` });
    await missing[0].printed(/waiting for Postgres at 127/, 10_000);
    await missing[1].printed(/waiting for NATS at nats:\/\/127/, 40_000);
    const codes = await Promise.all([...missing.map((one) => one.ended()), edge.ended]);
    const outputs = [...missing.map(({ output }) => output), edge.output()];
    outputs.forEach((output, index) => expectRefusal(codes[index] ?? null, output));
    expect(outputs[0]).toMatch(/could not be reached for (59|60) s .*: start it, or correct/);
    expect(outputs[1]).toMatch(/cannot reach NATS at nats:.* in 60 s .*: start it, or correct NATS_URL/);
    expect(outputs[2]).toMatch(/waiting for NATS[^]*cannot reach NATS at nats:.* in 60 s/);
    for (const { data } of missing) await removeFolder(data);
  });

  it('that refuse the password are told of at once', async () => {
    const begun = performance.now();
    const wrong = withUser(postgres.url, 'postgres');
    expect(await refusal('all-in-one', { env: { DATABASE_URL: wrong } })).toMatch(
      /gatehouse: Postgres at .* refuses the password of this role: correct/,
    );
    expect(await refusal('all-in-one', { env: { NATS_URL: withUser(nats.url, 'gate') } })).toMatch(
      /gatehouse: NATS at .* refuses the user and password of vault: check NATS_URL/,
    );
    const edge = service('edge', { NATS_URL: withUser(nats.url, 'edge') });
    expect(expectRefusal(await edge.ended, edge.output())).toMatch(/refuses the user and password of edge/);
    expect(performance.now() - begun).toBeLessThan(40_000);
  });

  it('are used in place of the embedded ones', async () => {
    const gate = await Installation.start('all-in-one', {
      env: {
        DATABASE_URL: postgres.url,
        NATS_URL: withUser(nats.url, 'gate', `${PASSWORD}-right`),
      },
    });
    const challenge = await fetch(gate.mcp, { method: 'POST' });
    expect(challenge.status).toBe(401);
    expect(await fetch(`${gate.url}/readyz`)).toMatchObject({ status: 200 });
    expect(gate.output).not.toContain('embedded Postgres');
    expect(await gate.stop()).toBe(0);
  });
});
