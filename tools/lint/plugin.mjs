import { declaredDependency } from './rules/declared-dependency.mjs';
import { folderSize } from './rules/folder-size.mjs';
import { names } from './rules/names.mjs';
import { noWaivers } from './rules/no-waivers.mjs';
import { parameters } from './rules/parameters.mjs';

/** Our own lint rules. Each message says the cure. */
export const gatehouse = {
  meta: { name: 'gatehouse' },
  rules: {
    'declared-dependency': declaredDependency,
    'folder-size': folderSize,
    names,
    'no-waivers': noWaivers,
    parameters,
  },
};
