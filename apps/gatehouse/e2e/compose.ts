import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { run } from './command-line.js';
import { ROOT } from './shape.js';

/** What docker-compose.yml says of one container, with the values of .env in it. */
export interface Container {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks: Readonly<Record<string, unknown>>;
  /** Of files and volumes: `from:to`, with `:ro` or `:rw`. */
  readonly volumes?: readonly string[];
}

/** docker-compose.yml and deploy/ in a folder of their own, as after a clone. */
export class ComposeProject {
  private constructor(readonly folder: string) {}

  static async copy(): Promise<ComposeProject> {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-compose-'));
    await cp(join(ROOT, 'docker-compose.yml'), join(folder, 'docker-compose.yml'));
    await cp(join(ROOT, 'deploy'), join(folder, 'deploy'), { recursive: true });
    return new ComposeProject(folder);
  }

  /** The first of the two commands that the README names. */
  makeEnv() {
    return run('sh', [join(this.folder, 'deploy/make-env.sh')]);
  }

  /**
   * The file as docker-compose itself reads it.
   *
   * @throws Error with its words, if it refuses
   */
  async containers(): Promise<Readonly<Record<string, Container>>> {
    const args = [
      '--project-directory',
      this.folder,
      '-f',
      join(this.folder, 'docker-compose.yml'),
      'config',
    ];
    const { code, stdout, stderr } = await run('docker-compose', args);
    if (code !== 0) throw new Error(stderr);
    return (parse(stdout) as { services: Record<string, Container> }).services;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What the image itself says: the variables of its last stage, and the command by which its health is asked. */
export async function readImage(): Promise<{ environment: Record<string, string>; health: string[] }> {
  const text = await readFile(join(ROOT, 'deploy/Dockerfile'), 'utf8');
  const lines = text.replaceAll('\\\n', ' ').split('\n');
  const variables = (lines.findLast((line) => line.startsWith('ENV ')) ?? '').slice(4).split(' ');
  const health = /CMD (\[.*\])$/.exec(lines.find((line) => line.startsWith('HEALTHCHECK ')) ?? '')?.[1];
  return {
    environment: Object.fromEntries(variables.map((pair) => pair.split('=') as [string, string])),
    health: JSON.parse(health ?? '[]') as string[],
  };
}
