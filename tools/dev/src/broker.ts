import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVICE_NAMES } from '@gatehouse/contracts';
import { StartError } from '@gatehouse/runtime';
import { Child } from './child.js';
import { untilAccepting } from './ports.js';

const CONFIG = fileURLToPath(new URL('../../../deploy/nats/nats.conf', import.meta.url));

export interface Broker {
  /** Each service's own address, with its own user. */
  readonly urls: Readonly<Record<string, string>>;
  readonly child: Child;
}

/** Starts nats-server with the generated permissions, one user for each service. */
export async function startBroker(port: number): Promise<Broker> {
  const passwords = SERVICE_NAMES.map((name) => [name, `p${randomBytes(18).toString('hex')}`] as const);
  const child = new Child({
    name: 'nats',
    command: findNats(),
    args: ['-c', CONFIG, '-a', '127.0.0.1', '-p', String(port)],
    env: {
      PATH: process.env['PATH'] ?? '',
      ...Object.fromEntries(passwords.map(([name, text]) => [`NATS_${name.toUpperCase()}_PASSWORD`, text])),
    },
  });
  await untilAccepting(port);
  const urls = Object.fromEntries(
    passwords.map(([name, text]) => [name, `nats://${name}:${text}@127.0.0.1:${port}`]),
  );
  return { urls, child };
}

function findNats(): string {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'])
    try {
      accessSync(join(folder, 'nats-server'), constants.X_OK);
      return join(folder, 'nats-server');
    } catch {
      // look in the next folder
    }
  throw new StartError(
    'nats-server is not on the PATH: install it, on Debian with `apt-get install nats-server`',
  );
}
