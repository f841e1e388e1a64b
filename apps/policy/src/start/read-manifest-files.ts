import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { StartError } from '@gatehouse/runtime';
import { parseAllDocuments } from 'yaml';
import type { ManifestDocument } from '../manifests/read-manifests.js';

/**
 * The documents of one YAML file, or of a folder's `*.yaml` and `*.yml` files by name. Empty documents are skipped.
 *
 * @throws StartError naming the file and the line, for a file that cannot be read or is no YAML, or a repeated key
 */
export function readManifestFiles(path: string): ManifestDocument[] {
  try {
    if (!statSync(path).isDirectory()) return readFile(path);
    const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name));
    return names.sort().flatMap((name) => readFile(join(path, name)));
  } catch (error) {
    if (error instanceof StartError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(`GATEHOUSE_APPLY: ${path} cannot be read (${code ?? String(error)})`);
  }
}

function readFile(path: string): ManifestDocument[] {
  const documents = parseAllDocuments(readFileSync(path, 'utf8'), { uniqueKeys: true });
  return [...documents].flatMap((document, index) => {
    const place = `${basename(path)}, document ${index + 1}`;
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) throw new StartError(`GATEHOUSE_APPLY: ${place}: ${fault.message}`);
    const content: unknown = document.toJS({ maxAliasCount: 100 });
    return content === null ? [] : [{ content, place }];
  });
}
