import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { configurationPage } from './configuration.js';
import { failuresPage } from './failures.js';
import { subjectsPage } from './subjects.js';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const NOTE = '<!-- Written by node tools/docs/dist/main.js: do not edit. -->';

/** Files under docs/ that are written from the code, with what they have to hold. */
export async function generatedPages(): Promise<Readonly<Record<string, string>>> {
  const pages = {
    'subjects.md': subjectsPage(),
    'failures.md': failuresPage(),
    'configuration.md': configurationPage(),
  };
  const style = await resolveConfig(`${ROOT}/docs/subjects.md`);
  const formatted = Object.entries(pages).map(async ([name, text]) => {
    const noted = text.replace('\n\n', `\n\n${NOTE}\n\n`);
    return [name, await format(noted, { ...style, parser: 'markdown' })] as const;
  });
  return Object.fromEntries(await Promise.all(formatted));
}
