import { mkdirSync, writeFileSync } from 'node:fs';
import { rolesScript } from './service-role.js';

// node libs/persistence/dist/generate-roles.js
const file = new URL('../../../deploy/postgres/roles.sh', import.meta.url);
mkdirSync(new URL('.', file), { recursive: true });
writeFileSync(file, rolesScript(), { mode: 0o755 });
