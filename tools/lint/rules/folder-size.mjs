import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';

const MAX_FILES = 15;

/**
 * 15 files in a folder. Tests do not count: they stand beside what they test, and must never be a reason against
 * writing one. Reported once, at the folder's first file.
 */
export const folderSize = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      full: '{{count}} files in this folder, 15 at most: split it by noun (`calls/`, `servers/`), never by kind.',
    },
  },
  create(context) {
    return {
      Program(node) {
        const sources = sourcesIn(dirname(context.filename));
        if (sources.length <= MAX_FILES || sources[0] !== basename(context.filename)) return;
        context.report({ node, messageId: 'full', data: { count: String(sources.length) } });
      },
    };
  },
};

function sourcesIn(folder) {
  try {
    const names = readdirSync(folder).filter((name) => /\.(ts|tsx|mjs)$/.test(name));
    return names.filter((name) => !name.includes('.spec.')).sort();
  } catch (error) {
    if (error.code === 'ENOENT') return []; // an editor lints text that has no file yet
    throw error;
  }
}
