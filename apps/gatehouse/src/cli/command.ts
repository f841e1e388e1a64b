import { parseArgs, type ParseArgsConfig } from 'node:util';

export interface Command {
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What `--help` shows. */
  readonly usage: string;
  /** @returns the exit code: 0 done, 1 refused */
  run(args: string[]): Promise<number>;
}

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command cannot be done, for a reason that its user can act on: exit code 1, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** @throws UsageError for an option that does not exist or lacks its value */
export function parseArguments<Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs({ strict: true, ...config });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Progress and remarks: standard output is for results alone. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
