import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, realpathSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from './start-error.js';

/** Longest path that a Unix socket may have everywhere (macOS: 104 bytes). */
const SOCKET_PATH_LIMIT = 100;

export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes a folder for this process alone, making it (mode 0700) if it is missing. The lock is a listening socket,
 * so it ends with the process however that dies, and a left-over file locks nobody out.
 *
 * @throws StartError if the folder cannot be written, or another process holds it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new StartError(
      `the folder ${folder} cannot be written (${code}): correct its rights, or name another one`,
    );
  }
  const path = socketPath(folder);
  const server = (await listenOn(path)) ?? (await replaceDead(folder, path));
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function socketPath(folder: string): string {
  const inside = join(realpathSync(folder), '.lock');
  if (Buffer.byteLength(inside) <= SOCKET_PATH_LIMIT) return inside;
  const digest = createHash('sha256').update(inside).digest('hex').slice(0, 24);
  return join(tmpdir(), `gatehouse-${digest}.lock`);
}

async function replaceDead(folder: string, path: string): Promise<Server> {
  if (await answers(path))
    throw new StartError(
      `the folder ${folder} is in use by another Gatehouse: stop that one, or name another folder`,
    );
  unlinkSync(path);
  const server = await listenOn(path);
  if (server) return server;
  throw new StartError(
    `the folder ${folder} was just taken by another Gatehouse: stop that one, or name another folder`,
  );
}

function listenOn(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(new StartError(`the lock ${path} cannot be made (${error.code ?? error.message})`));
    });
    server.listen(path, () => resolve(server));
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}
