import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { CommandError, UsageError } from './command.js';

/** One manifest, and the file it came from. */
export interface ManifestDocument {
  file: string;
  value: unknown;
}

const MANIFEST_FILE = /\.(ya?ml|json)$/i;

/**
 * The manifests of a file, or of every .yaml, .yml and .json file in a folder and below it, in order of name.
 *
 * @throws UsageError if there is nothing to read; CommandError naming file, line and fault
 */
export function readManifests(path: string): ManifestDocument[] {
  const documents = filesAt(path).flatMap(readFile);
  if (documents.length === 0) throw new UsageError(`${path} has no manifest in it`);
  return documents;
}

function filesAt(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`there is no ${path}`);
  if (!found.isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => MANIFEST_FILE.test(name))
    .sort()
    .map((name) => join(path, name));
}

function readFile(file: string): ManifestDocument[] {
  const documents = parseAllDocuments(readFileSync(file, 'utf8'), { uniqueKeys: true, stringKeys: true });
  if ('empty' in documents) return [];
  const faults = documents.flatMap((document) => document.errors);
  if (faults.length > 0)
    throw new CommandError(faults.map((fault) => `${file}: ${fault.message.trim()}`).join('\n'));
  return documents
    .map((document) => ({ file, value: document.toJS({ maxAliasCount: 100 }) as unknown }))
    .filter(({ value }) => value !== null);
}
