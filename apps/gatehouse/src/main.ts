import { runMain } from '@gatehouse/runtime';

const [command] = process.argv.slice(2);
await runMain(async () => {
  // each way loads only what it needs: a command does not wait for a database driver
  if (command === undefined || command === 'start') return (await import('./start/all-in-one.js')).allInOne();
  const { runCommand } = await import('./cli/run-command.js');
  process.exitCode = await runCommand(process.argv.slice(2));
});
