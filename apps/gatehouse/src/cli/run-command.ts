import { readFileSync } from 'node:fs';
import { apply } from './apply.command.js';
import { calls } from './calls.command.js';
import { type Command, CommandError, print, say, UsageError } from './command.js';
import { doctor } from './doctor.command.js';
import { createToken } from './token-create.command.js';

const COMMANDS: Readonly<Record<string, Command>> = {
  apply,
  calls,
  doctor,
  'token create': createToken,
};

/** Runs any command but `start`. @returns the exit code: 0 done, 1 refused by the server, 2 bad usage */
export async function runCommand(argv: readonly string[]): Promise<number> {
  try {
    return await run(argv);
  } catch (error) {
    if (error instanceof UsageError) return fail(2, `${error.message}\nSee \`gatehouse --help\`.`);
    if (error instanceof CommandError) return fail(1, error.message);
    return fail(1, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

async function run(argv: readonly string[]): Promise<number> {
  if (argv[0] === '--version') return done(version());
  if (argv.length === 0) throw new UsageError('which command?');
  const words = [2, 1].find((count) => Object.hasOwn(COMMANDS, argv.slice(0, count).join(' ')));
  const command = words === undefined ? undefined : COMMANDS[argv.slice(0, words).join(' ')];
  const wantsHelp = argv.includes('--help') || argv.includes('-h') || argv[0] === 'help';
  if (wantsHelp) return done(command?.usage ?? overview());
  if (!command) throw new UsageError(`there is no command \`${argv[0]}\``);
  return command.run(argv.slice(words));
}

function done(text: string): number {
  print(text);
  return 0;
}

function fail(code: number, text: string): number {
  say(`gatehouse: ${text}`);
  return code;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function overview(): string {
  const lines = Object.entries({
    start: 'run every service in this process (the default)',
    ...Object.fromEntries(Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary])),
  }).map(([name, summary]) => `  ${name.padEnd(14)}${summary}`);
  return [
    'Usage: gatehouse <command> [options]',
    '',
    ...lines,
    '',
    'gatehouse <command> --help   what a command takes',
    'gatehouse --version',
    '',
    'GATEHOUSE_URL    where Gatehouse is (http://127.0.0.1:8080)',
    'GATEHOUSE_TOKEN  a personal access token: `gatehouse token create` makes one',
    '',
    'Exit codes: 0 done, 1 refused by the server, 2 bad usage',
  ].join('\n');
}
