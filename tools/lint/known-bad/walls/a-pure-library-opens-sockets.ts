// libs/mcp/src/known.ts breaks no-restricted-imports, no-restricted-globals
import { createServer } from 'node:http';

export const server = createServer();
export const home = process.env['HOME'];

// libs/mcp/src/known.ts breaks nothing
import { createHash } from 'node:crypto';

export const hash = (text: string) => createHash('sha256').update(text).digest('hex');
