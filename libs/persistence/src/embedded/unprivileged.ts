import { execFile } from 'node:child_process';
import { lchown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const NOBODY = 65_534;

/** How to run a program that refuses to run as root. */
export interface Unprivileged {
  /** The command line to use in place of this one. */
  readonly command: (program: string, args: readonly string[]) => [program: string, args: string[]];
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * A user namespace needs no other user, and works below folders that only root may enter; where containers forbid it,
 * `nobody` has to do.
 */
export async function unprivileged(): Promise<Unprivileged> {
  const asItIs: Unprivileged = { command: (program, args) => [program, [...args]] };
  if (process.getuid?.() !== 0) return asItIs;
  try {
    await promisify(execFile)('unshare', ['--user', 'true'], { env: { PATH: process.env['PATH'] } });
    return { command: (program, args) => ['unshare', ['--user', program, ...args]] };
  } catch {
    return { ...asItIs, uid: NOBODY, gid: NOBODY };
  }
}

/** Gives a folder to the user who is going to work in it. Needed for root only, who may have worked the other way before. */
export async function handOver(folder: string, { uid = 0, gid = 0 }: Unprivileged): Promise<void> {
  if (process.getuid?.() !== 0) return;
  for (const entry of await readdir(folder, { recursive: true })) await lchown(join(folder, entry), uid, gid);
  await lchown(folder, uid, gid);
}
