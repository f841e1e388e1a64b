import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './shape.js';

const SOURCE = 'apps/edge/src/call/post-message.ts';
const FUNCTIONS = ['postMessage', 'call', 'admit'];

/** The steps of a call, read from the source: the statements of the functions that a call runs through. */
export async function stepsOfACall(): Promise<string> {
  const source = await readFile(join(ROOT, SOURCE), 'utf8');
  return FUNCTIONS.map((name) => section(source, name)).join('\n\n');
}

function section(source: string, name: string): string {
  const match = new RegExp(`/\\*\\* ([^\\n]*) \\*/\\n(?:export )?async function ${name}\\([^]*?\\n}\\n`).exec(
    source,
  );
  if (!match?.[1]) throw new Error(`${SOURCE} has no documented function ${name}`);
  const body = match[0].slice(match[0].indexOf('{\n', match[0].indexOf('Promise<')) + 2, -2);
  return `\`${name}\`: ${match[1]}\n\n\`\`\`ts\n${body.replace(/^ {2}/gm, '').trimEnd()}\n\`\`\``;
}
