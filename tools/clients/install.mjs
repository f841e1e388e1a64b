/**
 * Installs the outside clients that the e2e suite drives, and Node 24, into `tools/clients/node_modules`; with
 * `vendors` also those of `npm run clients`.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installLocked } from '../install-locked.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));

installLocked('clients', HERE, 'MCP Inspector, mcp-remote, the SDK and Node 24 (300 MB, under a minute)');
if (process.argv[2] === 'vendors') {
  const what = 'Claude Code, Gemini CLI, OpenCode and Cline (800 MB, under a minute)';
  installLocked('clients', join(HERE, 'vendors'), what);
}
