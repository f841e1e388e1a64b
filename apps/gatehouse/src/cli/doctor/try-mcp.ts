import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { Unexpected } from '../sign-in/unexpected.js';
import type { StepReport } from './step-report.js';
import { STEPS } from './steps.js';

interface SafeCall {
  name: string;
  arguments: Record<string, string>;
}

/** Steps 7 to 9: the MCP session itself, with the token. */
export async function tryMcp(report: StepReport, url: string, accessToken: string): Promise<void> {
  const client = new Client({ name: 'gatehouse-doctor', version: '1' });
  const headers = { authorization: `Bearer ${accessToken}` };
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
  try {
    await report.step(
      STEPS.initialize,
      () => client.connect(transport),
      () => serverOf(client),
    );
    const { tools } = await report.step(
      STEPS.list,
      () => client.listTools(),
      (list) => `tools: ${list.tools.length}`,
    );
    const call = safeCall(tools);
    await report.step(
      STEPS.call,
      () => (call ? callTool(client, call) : Promise.resolve()),
      () => (call ? call.name : 'no tool that is safe to try'),
    );
  } finally {
    // the server's copy of the session is a courtesy: what was to be found out is found out
    await transport.terminateSession().catch(() => undefined);
    await client.close();
  }
}

function serverOf(client: Client): string {
  const { name, version } = client.getServerVersion() ?? { name: 'a server', version: '?' };
  return `${name} ${version}`;
}

async function callTool(client: Client, call: SafeCall): Promise<void> {
  const result = await client.callTool({ name: call.name, arguments: call.arguments });
  if (result.isError)
    throw new Unexpected(`an error from the tool ${call.name}: ${JSON.stringify(result.content)}`);
}

/** A call that changes nothing: `echo`, or a tool that says it only reads and needs no arguments. */
export function safeCall(tools: readonly Tool[]): SafeCall | null {
  const echo = tools.find(({ name }) => name === 'echo');
  const needed = echo?.inputSchema.required ?? [];
  if (echo && needed.length <= 1)
    return { name: 'echo', arguments: Object.fromEntries(needed.map((name) => [name, 'Hello from doctor'])) };
  const reader = tools.find(
    ({ annotations, inputSchema }) => annotations?.readOnlyHint === true && !inputSchema.required?.length,
  );
  return reader ? { name: reader.name, arguments: {} } : null;
}
