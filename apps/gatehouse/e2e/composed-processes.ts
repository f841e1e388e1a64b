import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@gatehouse/persistence';
import { run, type CommandResult } from './command-line.js';
import { readImage, type ComposeProject, type Container } from './compose.js';
import { freePort, ROOT } from './shape.js';

const IMAGE = 'gatehouse:local';
/** Where the containers that do not run our image listen. */
const FOREIGN = { ingress: 8080, postgres: 5432, nats: 4222, valkey: 6379 };
const LIMIT_MS = 60_000;
const PATH = [process.env['PATH'] ?? '', '/usr/sbin', '/usr/local/bin'].join(delimiter);

interface Place {
  /** `host:port` among the containers. */
  readonly inside: string;
  readonly port: number;
}

/**
 * The containers of docker-compose.yml as processes of this machine: the command of each, in its environment and
 * nothing else but PATH. Replaced are host names with their ports, and the folders inside containers.
 */
export class ComposedProcesses {
  private readonly children = new Map<string, ChildProcessWithoutNullStreams>();
  private output = '';
  private postgres!: EmbeddedPostgres;
  private image!: Awaited<ReturnType<typeof readImage>>;

  private constructor(
    private readonly project: ComposeProject,
    private readonly containers: Readonly<Record<string, Container>>,
    private readonly places: Map<string, Place>,
  ) {}

  /** @throws Error with all that was printed, if a service does not become ready in a minute */
  static async start(project: ComposeProject, ingressPort: number): Promise<ComposedProcesses> {
    const containers = await project.containers();
    const places = new Map<string, Place>();
    for (const [name, { environment }] of Object.entries(containers)) {
      const inside = FOREIGN[name as keyof typeof FOREIGN] ?? environment?.['PORT'] ?? 8080;
      places.set(name, {
        inside: `${name}:${inside}`,
        port: name === 'ingress' ? ingressPort : await freePort(),
      });
    }
    const processes = new ComposedProcesses(project, containers, places);
    try {
      await processes.startAll();
    } catch (error) {
      await processes.stop();
      throw error;
    }
    return processes;
  }

  port(name: string): number {
    return this.places.get(name)?.port ?? 0;
  }

  /** Runs the image's health command against a service. @returns its exit code: 0 means healthy */
  async health(name: string): Promise<number> {
    const [command = '', ...args] = this.image.health.map((part) =>
      part.replace('127.0.0.1/8080', `127.0.0.1/${this.port(name)}`),
    );
    return (await run(command, args)).code;
  }

  /** @returns the exit code, null after a signal that was not handled */
  async end(name: string): Promise<number | null> {
    const child = this.children.get(name);
    if (!child) throw new Error(`${name} does not run`);
    this.children.delete(name);
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    return child.exitCode;
  }

  /** Ends all of them in order, the services first. @returns the exit codes of the services */
  async stop(): Promise<Record<string, number | null>> {
    const ours = [...this.children.keys()].filter((name) => this.containers[name]?.image === IMAGE);
    const codes = await Promise.all(ours.map(async (name) => [name, await this.end(name)] as const));
    await Promise.all([...this.children.keys()].map((name) => this.end(name)));
    await this.postgres?.stop();
    return Object.fromEntries(codes);
  }

  private async startAll(): Promise<void> {
    this.image = await readImage();
    this.places.set('postgres', await this.startPostgres());
    this.startNats();
    this.startValkey();
    await this.startIngress();
    const ours = Object.keys(this.containers).filter((name) => this.containers[name]?.image === IMAGE);
    await Promise.all(ours.map((name) => this.startOwn(name)));
  }

  /** Debian's psql runs the script that the official image would run. */
  private async startPostgres(): Promise<Place> {
    this.postgres = await startEmbeddedPostgres({ folder: join(this.project.folder, 'postgres') });
    const { hostname, port, username, password } = new URL(this.postgres.url);
    const given = this.containers['postgres']?.environment ?? {};
    const env = {
      PATH,
      PGHOST: hostname,
      PGPORT: port,
      PGPASSWORD: password,
      POSTGRES_USER: username,
      ...given,
    };
    const create = ['-U', username, '-d', 'postgres', '-c', `create database ${given['POSTGRES_DB']}`];
    await succeed(run('psql', create, { env }));
    await succeed(run(this.fileOf('postgres', '/docker-entrypoint-initdb.d/roles.sh'), [], { env }));
    return { inside: 'postgres:5432', port: Number(port) };
  }

  private startNats(): void {
    const { command = [], environment = {} } = this.containers['nats'] as Container;
    const args = command.map((part) => (part.startsWith('/') ? this.fileOf('nats', part) : part));
    this.spawn(
      'nats',
      ['nats-server', ...args, '-a', '127.0.0.1', '-p', `${this.port('nats')}`],
      environment,
    );
  }

  private startValkey(): void {
    const [server = '', ...args] = this.containers['valkey']?.command ?? [];
    const found = PATH.split(delimiter).some((folder) => existsSync(join(folder, server)));
    const address = ['--bind', '127.0.0.1', '--port', `${this.port('valkey')}`];
    this.spawn('valkey', [found ? server : 'redis-server', ...args, ...address], {}); // speaks the same protocol
  }

  private async startIngress(): Promise<void> {
    const file = join(this.project.folder, 'nginx.conf');
    const given = await readFile(this.fileOf('ingress', '/etc/nginx/nginx.conf'), 'utf8');
    const text = this.localized(given)
      .replace('listen 8080', `listen 127.0.0.1:${this.port('ingress')}`)
      .replace('/tmp/nginx.pid', `${file}.pid`);
    await writeFile(file, text);
    this.spawn('ingress', ['nginx', '-c', file, '-g', 'daemon off;'], {});
  }

  private async startOwn(name: string): Promise<void> {
    const { command = [], environment = {} } = this.containers[name] as Container;
    const data = join(this.project.folder, 'data', name);
    await mkdir(data, { recursive: true });
    const own: Record<string, string> = { ...this.image.environment, ...environment };
    for (const key of Object.keys(own)) own[key] = this.localized(own[key] ?? '');
    if ('GATEHOUSE_APPLY' in own) own['GATEHOUSE_APPLY'] = await this.manifests(own['GATEHOUSE_APPLY'] ?? '');
    if ('PORT' in own) own['PORT'] = String(this.port(name));
    if ('GATEHOUSE_METRICS_PORT' in own) own['GATEHOUSE_METRICS_PORT'] = String(await freePort());
    const place = {
      GATEHOUSE_HOST: '127.0.0.1',
      GATEHOUSE_PORT: String(this.port(name)),
      GATEHOUSE_DATA: data,
    };
    const child = this.spawn(name, command, { ...own, ...place });
    if (name.startsWith('demo-')) await this.answering(name);
    else await this.ready(name, child);
  }

  private async manifests(path: string): Promise<string> {
    const file = join(this.project.folder, 'manifests.yaml');
    const text = await readFile(path.replace('/app', this.project.folder), 'utf8');
    await writeFile(file, this.localized(text));
    return file;
  }

  private async ready(name: string, { stdout }: ChildProcessWithoutNullStreams): Promise<void> {
    const late = setTimeout(() => stdout.destroy(), LIMIT_MS);
    const ready = await firstLine(createInterface({ input: stdout }), '{"ready":true');
    clearTimeout(late);
    stdout.resume();
    if (!ready) this.fail(`${name} is not ready`);
  }

  private async answering(name: string): Promise<void> {
    const signal = AbortSignal.timeout(LIMIT_MS);
    while (!signal.aborted)
      if (await fetch(`http://127.0.0.1:${this.port(name)}`, { signal }).catch(() => null)) return;
    this.fail(`${name} does not answer`);
  }

  private fail(what: string): never {
    throw new Error(`${what}:\n${this.output}`);
  }

  private spawn(
    name: string,
    command: readonly string[],
    env: Readonly<Record<string, string>>,
  ): ChildProcessWithoutNullStreams {
    const child = spawn(command[0] ?? '', command.slice(1), { cwd: ROOT, env: { PATH, ...env } });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.output += `${name}: ${chunk.toString()}`));
    this.children.set(name, child);
    return child;
  }

  /** A file that compose mounts into a container. */
  private fileOf(name: string, inside: string): string {
    const volumes = (this.containers[name]?.volumes ?? []).map((volume) => volume.split(':'));
    const [outside] = volumes.find(([, to]) => to === inside) ?? [];
    if (!outside) throw new Error(`${name} has no ${inside}`);
    return outside;
  }

  /** The same text with the addresses of this machine. */
  private localized(text: string): string {
    let result = text;
    for (const { inside, port } of this.places.values()) {
      result = result.replaceAll(new RegExp(`(?<![\\w-])${inside}\\b`, 'g'), `127.0.0.1:${port}`);
      // where Docker puts the demo servers
      result = result.replaceAll(
        new RegExp(`[\\d.]+/\\d+:${inside.split(':')[1]}\\b`, 'g'),
        `127.0.0.0/8:${port}`,
      );
    }
    return result;
  }
}

/** @returns whether such a line came before the end */
async function firstLine(lines: AsyncIterable<string>, beginning: string): Promise<boolean> {
  for await (const line of lines) if (line.startsWith(beginning)) return true;
  return false;
}

async function succeed(running: Promise<CommandResult>): Promise<void> {
  const { code, stderr } = await running;
  if (code !== 0) throw new Error(stderr);
}
