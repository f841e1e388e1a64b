import { DatabaseError } from '@gatehouse/persistence';
import { ConfigError } from './config.js';

/** Why a process cannot start, in words for the person who started it: printed without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const EXPECTED = [StartError, ConfigError, DatabaseError];

/** Runs a process's main function; ends the process with one clear line if it cannot start. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const bug = !(error instanceof Error) || !EXPECTED.some((kind) => error instanceof kind);
    const text = error instanceof Error ? (bug ? error.stack : error.message) : String(error);
    process.stderr.write(`gatehouse: ${text}\n`);
    process.exit(1);
  }
}
