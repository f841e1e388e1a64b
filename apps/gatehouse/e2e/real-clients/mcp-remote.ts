import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CLIENTS, NODE_24, type Bench } from './bench.js';
import { ECHO, gaveBack, type RealClient } from './real-client.js';

const PROGRAM = join(CLIENTS, 'mcp-remote/dist/proxy.js');
const LIMIT = { timeout: 120_000 };

async function use(bench: Bench, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ name: 'e2e', version: '1.0.0' });
  const args = [PROGRAM, bench.mcp];
  const env = { ...bench.environment };
  await client.connect(new StdioClientTransport({ command: NODE_24, args, env, stderr: 'ignore' }), LIMIT);
  await work(client).finally(() => client.close());
}

export const mcpRemote: RealClient = {
  name: 'mcp-remote',
  version: '0.15.1',
  always: true,
  signIn: (bench) => use(bench, (client) => client.listTools()),
  callTool: (bench) =>
    use(bench, async (client) => {
      await client.listTools();
      gaveBack(JSON.stringify(await client.callTool(ECHO, undefined, LIMIT)));
    }),
  stepUp: 'signs in again',
};
