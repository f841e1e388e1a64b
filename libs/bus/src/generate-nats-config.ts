import { mkdirSync, writeFileSync } from 'node:fs';
import { natsConfig } from './permissions.js';

// node libs/bus/dist/generate-nats-config.js
const file = new URL('../../../deploy/nats/nats.conf', import.meta.url);
mkdirSync(new URL('.', file), { recursive: true });
writeFileSync(file, natsConfig());
