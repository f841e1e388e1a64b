import { join } from 'node:path';
import { CLIENTS, NODE_24, type Bench } from './bench.js';
import { ended, gaveBack, SAID, type RealClient } from './real-client.js';

const PROGRAM = join(CLIENTS, '@modelcontextprotocol/inspector/clients/launcher/build/index.js');

async function ask(bench: Bench, ...args: readonly string[]): Promise<string> {
  const common = [PROGRAM, '--cli', bench.mcp, '--transport', 'http', '--format', 'json'];
  return ended(await bench.run(NODE_24, [...common, '--protocol-era', 'auto', ...args]));
}

export const inspector: RealClient = {
  name: 'MCP Inspector',
  version: '2.12.0',
  always: true,
  environment: () => ({ MCP_AUTO_OPEN_ENABLED: 'true', MCP_INSPECTOR_SECRET_STORE: 'file' }),
  async signIn(bench) {
    await ask(bench, '--method', 'tools/list');
  },
  async callTool(bench) {
    const said = ['--tool-arg', `text=${SAID}`, `message=${SAID}`];
    gaveBack(await ask(bench, '--method', 'tools/call', '--tool-name', 'echo', ...said));
  },
  stepUp: 'shows the error',
};
