import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { commandsIn, markdownFiles } from './markdown-files.js';
import { ROOT } from './pages.js';

const GATEHOUSE = join(ROOT, 'apps/gatehouse/bin/gatehouse.mjs');
const commands = new Map<string, string>();
for (const file of markdownFiles(ROOT))
  for (const text of commandsIn(file, 'npx gatehouse')) commands.set(text, relative(ROOT, file));

/** `token create --name x` -> `token create`; the options that it was given. */
function parts(command: string): { words: string[]; options: string[] } {
  const all = command.split(' ');
  const words = all[0] === 'token' ? all.slice(0, 2) : all.slice(0, 1);
  return { words, options: all.filter((word) => word.startsWith('-')) };
}

it.each([...commands])('gatehouse %s, as in %s, is a command with these options', (command) => {
  const { words, options } = parts(command);
  const { status, stdout } = spawnSync(process.execPath, [GATEHOUSE, ...words, '--help'], {
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  expect(stdout).toContain(`Usage: gatehouse ${words.join(' ')}`);
  for (const option of options) expect(stdout).toContain(option);
});
