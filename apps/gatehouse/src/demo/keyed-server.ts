import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

/** A small MCP server that answers only to its key: what a shared credential is tried out with. Keeps no sessions. */
const expected = Buffer.from(`Bearer ${process.env['DEMO_KEY'] ?? ''}`);

function toolServer(): McpServer {
  const server = new McpServer({ name: 'keyed-demo', version: '1.0.0' });
  server.registerTool(
    'who_am_i',
    { description: 'Says as whom this server sees its caller.', inputSchema: {} },
    () => ({ content: [{ type: 'text', text: 'the holder of the shared key' }] }),
  );
  server.registerTool(
    'count_words',
    { description: 'Counts the words of a text.', inputSchema: { text: z.string().describe('the text') } },
    ({ text }) => ({ content: [{ type: 'text', text: String(text.split(/\s+/).filter(Boolean).length) }] }),
  );
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const given = Buffer.from(request.headers.authorization ?? '');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
    return;
  }
  const server = toolServer();
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: undefined,
    enableJsonResponse: true,
  });
  response.on('close', () => void transport.close().then(() => server.close()));
  await server.connect(transport);
  await transport.handleRequest(request, response);
}

createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
}).listen(Number(process.env['PORT'] ?? 3002), process.env['HOST'] ?? '0.0.0.0');
