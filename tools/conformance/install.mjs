/**
 * Installs MCP's conformance suite, which the e2e suite runs, into `tools/conformance/node_modules`. The Node on which
 * it runs is in tools/clients.
 */
import { fileURLToPath } from 'node:url';
import { installLocked } from '../install-locked.mjs';

installLocked('conformance', fileURLToPath(new URL('.', import.meta.url)), "MCP's conformance suite (50 MB)");
