import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedPages, ROOT } from './pages.js';

for (const [name, text] of Object.entries(await generatedPages()))
  writeFileSync(join(ROOT, 'docs', name), text);
