import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from '@gatehouse/runtime';
import type { Progress } from '../start/progress.js';

/** Where the demo servers listen and the key that one of them wants: the same on every start. */
interface DemoSettings {
  everythingPort: number;
  keyedPort: number;
  key: string;
}

export interface Demo {
  /** How the demo servers stand in the catalogue. */
  readonly manifests: readonly unknown[];
  stop(): Promise<void>;
}

/**
 * Starts two MCP servers to try Gatehouse with, as processes of their own with nothing of our environment: one of
 * their tools prints its whole environment to whoever calls it.
 */
export async function startDemo(dataFolder: string, progress: Progress): Promise<Demo> {
  progress.info('starting the demo MCP servers');
  const settings = await readSettings(join(dataFolder, 'demo.json'));
  const children = [
    startEverything(settings.everythingPort),
    startChild([fileURLToPath(new URL('./keyed-server.js', import.meta.url))], {
      PORT: String(settings.keyedPort),
      DEMO_KEY: settings.key,
    }),
  ];
  await Promise.all([untilListening(settings.everythingPort), untilListening(settings.keyedPort)]);
  return {
    manifests: manifests(settings),
    stop: async () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

function startEverything(port: number): ChildProcess {
  const entry = createRequire(import.meta.url).resolve(
    '@modelcontextprotocol/server-everything/dist/index.js',
  );
  return startChild([entry, 'streamableHttp'], { PORT: String(port) });
}

function startChild(args: string[], env: Record<string, string>): ChildProcess {
  const guard = new URL('./demo-guard.js', import.meta.url).href;
  // the pipe at its standard input ends with this process, however that dies, and the guard then ends the child
  return spawn(process.execPath, ['--import', guard, ...args], { env, stdio: ['pipe', 'ignore', 'ignore'] });
}

async function readSettings(file: string): Promise<DemoSettings> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as DemoSettings;
  const [everythingPort, keyedPort] = await freePorts();
  const settings = { everythingPort, keyedPort, key: randomBytes(24).toString('base64url') };
  writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
  return settings;
}

/** Two ports that nobody uses now: found together, so that they differ. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  for (const server of servers) server.close();
  return [ports[0] ?? 0, ports[1] ?? 0];
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new StartError(
    `a demo MCP server does not answer on port ${port}: free that port, or set GATEHOUSE_DEMO=0`,
  );
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}

function manifests({ everythingPort, keyedPort, key }: DemoSettings): unknown[] {
  const everyone = [{ subject: 'team:everyone', role_id: 'mcp-server-user' }];
  return [
    {
      type: 'mcp-server/remote',
      name: 'everything',
      description: 'Demo: one of every feature of MCP, without a credential',
      url: `http://127.0.0.1:${everythingPort}/mcp`,
      collaborators: everyone,
    },
    {
      type: 'mcp-server/remote',
      name: 'keyed',
      description: 'Demo: wants a key, which lies in the vault and on no machine of a developer',
      url: `http://127.0.0.1:${keyedPort}/mcp`,
      auth_data: { type: 'header', auth_level: 'global', headers: { Authorization: `Bearer ${key}` } },
      collaborators: everyone,
    },
  ];
}
