import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const manifests = new Map();

/**
 * What ships imports only those packages of ours that its package.json declares: Nx reads the graph (build order,
 * what is affected) from there alone.
 */
export const declaredDependency = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      undeclared:
        'Add "{{name}}": "*" to the dependencies of {{manifest}} (and a reference to its tsconfig.json).',
    },
  },
  create(context) {
    const check = (node) => {
      const name =
        typeof node.source?.value === 'string' && /^@gatehouse\/[^/]+/.exec(node.source.value)?.[0];
      if (!name) return;
      const manifest = manifestOf(dirname(context.filename));
      if (!manifest || manifest.name === name || manifest.dependencies.has(name)) return;
      context.report({
        node,
        messageId: 'undeclared',
        data: { name, manifest: `the package.json of ${manifest.name}` },
      });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

/** The nearest package.json, read once per lint. */
function manifestOf(folder) {
  if (!manifests.has(folder)) manifests.set(folder, readNearest(folder));
  return manifests.get(folder);
}

function readNearest(folder) {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return dirname(folder) === folder ? undefined : manifestOf(dirname(folder));
  const { name, dependencies = {} } = JSON.parse(readFileSync(file, 'utf8'));
  return { name, dependencies: new Set(Object.keys(dependencies)) };
}
