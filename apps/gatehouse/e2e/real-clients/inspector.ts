import { join } from 'node:path';
import { CLIENTS, NODE_24, type Bench } from './bench.js';
import { ended, type RealClient } from './real-client.js';

const PROGRAM = join(CLIENTS, '@modelcontextprotocol/inspector/clients/launcher/build/index.js');

async function ask(bench: Bench, ...args: readonly string[]): Promise<void> {
  const common = [PROGRAM, '--cli', bench.mcp, '--transport', 'http', '--format', 'json'];
  ended(await bench.run(NODE_24, [...common, '--protocol-era', 'auto', ...args]));
}

export const inspector: RealClient = {
  name: 'MCP Inspector',
  version: '2.12.0',
  always: true,
  environment: () => ({ MCP_AUTO_OPEN_ENABLED: 'true', MCP_INSPECTOR_SECRET_STORE: 'file' }),
  signIn: (bench) => ask(bench, '--method', 'tools/list'),
  callTool: (bench) =>
    ask(bench, '--method', 'tools/call', '--tool-name', 'echo', '--tool-arg', 'text=hi', 'message=hi'),
  stepUp: 'shows the error',
};
