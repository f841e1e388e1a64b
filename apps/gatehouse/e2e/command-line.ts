import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './shape.js';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, and returns what it printed whatever its exit code. */
export function run(
  command: string,
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>>; cwd?: string; timeoutMs?: number } = {},
): Promise<CommandResult> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...options.env };
  return new Promise((resolve) => {
    const child = execFile(
      command,
      [...args],
      { env, cwd: options.cwd, timeout: options.timeoutMs ?? 60_000 },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 255) : 0, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

/** `npx gatehouse ...`, without npx. */
export function gatehouse(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  return run(process.execPath, [join(ROOT, 'apps/gatehouse/bin/gatehouse.mjs'), ...args], { env });
}
