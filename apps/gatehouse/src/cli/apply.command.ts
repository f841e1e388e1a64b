import { applyManifests } from '@gatehouse/contracts';
import type { z } from 'zod';
import { callApi, gatehouseToken } from './admin-api.js';
import { type Command, CommandError, parseArguments, print, say, UsageError } from './command.js';
import { type ManifestDocument, readManifests } from './read-manifests.js';

type Changes = z.output<typeof applyManifests.reply>['changes'];

const MARK = { create: '+', update: '~', delete: '-', none: '=' } as const;

export const apply: Command = {
  summary: 'make servers, teams, service accounts and identity providers as manifests say, all or nothing',
  usage: [
    'Usage: gatehouse apply -f PATH [--dry-run]',
    '',
    '  -f, --file PATH   a file, or a folder of .yaml, .yml and .json files',
    '      --dry-run     only say what would change',
    '',
    'Prints each change, marked + created, ~ updated, - deleted, = as it was, with what differs.',
  ].join('\n'),

  async run(args) {
    const { values } = parseArguments({
      args,
      options: { file: { type: 'string', short: 'f' }, 'dry-run': { type: 'boolean', default: false } },
    });
    if (values.file === undefined) throw new UsageError('apply what? Give -f PATH');
    const token = gatehouseToken();
    const documents = readManifests(values.file);
    const dryRun = String(values['dry-run']);
    const body = documents.map(({ value }) => value);
    const answer = await callApi(token, { method: 'POST', path: '/apply', query: { dryRun }, body }).catch(
      (error: unknown) => {
        throw error instanceof CommandError ? new CommandError(withFiles(error.message, documents)) : error;
      },
    );
    const { changes } = applyManifests.reply.parse(answer);
    for (const line of showChanges(changes)) print(line);
    if (values['dry-run']) say('dry run: nothing was changed');
    return 0;
  },
};

/** A change per line, and below it, indented, what differs. */
export function showChanges(changes: Changes): string[] {
  return changes.flatMap(({ kind, name, action, diff }) => [
    `${MARK[action]} ${kind} ${name}`,
    ...diff.map((line) => `    ${line}`),
  ]);
}

/** The server counts documents; whoever reads it thinks in files. */
function withFiles(message: string, documents: readonly ManifestDocument[]): string {
  return [message, ...documents.map(({ file }, i) => `  document ${i + 1}: ${file}`)].join('\n');
}
