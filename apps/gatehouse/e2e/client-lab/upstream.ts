import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

interface Message {
  readonly id?: unknown;
  readonly method: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: { readonly text?: string };
    readonly protocolVersion?: string;
    readonly inputResponses?: unknown;
    readonly requestState?: string;
    readonly _meta?: object;
  };
}

const TOOLS = [
  {
    name: 'echo',
    description: 'Gives the text back.',
    inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  },
  {
    name: 'connect',
    description: 'Wants the person to open a page first.',
    inputSchema: { type: 'object', properties: {} },
  },
];
/** A page to be opened, as a question of 2026-07-28, and as an error of 2025-11-25. */
const PAGE = { mode: 'url', url: 'https://provider.example/connect?e=1', message: 'Connect your account.' };
const QUESTION = {
  resultType: 'input_required',
  inputRequests: { connect: { method: 'elicitation/create', params: PAGE } },
  requestState: 'asked-once',
};
const PAGE_WANTED = {
  code: -32042,
  message: 'This request requires more information.',
  data: { elicitations: [{ ...PAGE, elicitationId: 'e1' }] },
};
const SERVER_INFO = { name: 'lab', version: '1.0.0' };
const MODERN = { resultType: 'complete', ttlMs: 60_000, cacheScope: 'private' };

/** An MCP server of both eras (2026-07-28, and sessions since 2025-03-26). It asks nobody who they are. */
export async function startUpstream(): Promise<Server> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(request.method === 'GET' ? 405 : 200).end();
  const message = JSON.parse(await text(request)) as Message;
  if (message.id === undefined) return void response.writeHead(202).end();
  const { id, method, params } = message;
  if (method === 'tools/call' && params?.name === 'connect' && !isModern(message))
    return send(response, 200, { id, error: PAGE_WANTED });
  const result = resultOf(message);
  if (!result) return send(response, 404, { id, error: { code: -32601, message: `no ${method} here` } });
  if (method === 'initialize') response.setHeader('mcp-session-id', randomUUID());
  send(response, 200, { id, result });
}

function send(response: ServerResponse, status: number, message: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ jsonrpc: '2.0', ...message }));
}

function isModern({ params }: Message): boolean {
  return 'io.modelcontextprotocol/protocolVersion' in (params?._meta ?? {});
}

function resultOf({ method, params }: Message): object | undefined {
  const capabilities = { tools: { listChanged: true } };
  switch (method) {
    case 'initialize':
      return { protocolVersion: params?.protocolVersion, capabilities, serverInfo: SERVER_INFO };
    case 'server/discover':
      return { ...MODERN, supportedVersions: ['2026-07-28', '2025-11-25'], capabilities };
    case 'tools/list':
      return { ...MODERN, tools: TOOLS };
    case 'tools/call':
      if (params?.name === 'connect' && !params.inputResponses) return QUESTION;
      return { resultType: 'complete', content: [{ type: 'text', text: saidBy(params) }] };
    case 'ping':
      return {};
    default:
      return undefined;
  }
}

function saidBy(params: Message['params']): string {
  if (params?.name !== 'connect') return params?.arguments?.text ?? '';
  return `${params.requestState ?? ''} ${JSON.stringify(params.inputResponses)}`;
}
