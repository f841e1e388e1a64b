import { runMain } from '@gatehouse/runtime';
import { runCommand } from './cli/run-command.js';
import { allInOne } from './start/all-in-one.js';

const [command] = process.argv.slice(2);
await runMain(async () => {
  if (command === undefined || command === 'start') return allInOne();
  process.exitCode = await runCommand(process.argv.slice(2));
});
