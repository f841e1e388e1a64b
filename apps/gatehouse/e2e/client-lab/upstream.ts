import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

interface Message {
  readonly id?: unknown;
  readonly method: string;
  readonly params?: { readonly arguments?: { readonly text?: string }; readonly protocolVersion?: string };
}

const TOOL = {
  name: 'echo',
  description: 'Gives the text back.',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
};
const SERVER_INFO = { name: 'lab', version: '1.0.0' };
const MODERN = { resultType: 'complete', ttlMs: 60_000, cacheScope: 'private' };

/** An MCP server of both eras (2026-07-28, and sessions since 2025-03-26) with one tool. It asks nobody who they are. */
export async function startUpstream(): Promise<Server> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(request.method === 'GET' ? 405 : 200).end();
  const message = JSON.parse(await text(request)) as Message;
  if (message.id === undefined) return void response.writeHead(202).end();
  const result = resultOf(message);
  const body = result
    ? { jsonrpc: '2.0', id: message.id, result }
    : { jsonrpc: '2.0', id: message.id, error: { code: -32601, message: `no ${message.method} here` } };
  response
    .writeHead(result ? 200 : 404, {
      'content-type': 'application/json',
      ...(message.method === 'initialize' && { 'mcp-session-id': randomUUID() }),
    })
    .end(JSON.stringify(body));
}

function resultOf({ method, params }: Message): object | undefined {
  const capabilities = { tools: { listChanged: true } };
  switch (method) {
    case 'initialize':
      return { protocolVersion: params?.protocolVersion, capabilities, serverInfo: SERVER_INFO };
    case 'server/discover':
      return { ...MODERN, supportedVersions: ['2026-07-28', '2025-11-25'], capabilities };
    case 'tools/list':
      return { ...MODERN, tools: [TOOL] };
    case 'tools/call':
      return { resultType: 'complete', content: [{ type: 'text', text: params?.arguments?.text ?? '' }] };
    case 'ping':
      return {};
    default:
      return undefined;
  }
}
