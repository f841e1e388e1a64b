import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Upstream {
  readonly url: string;
  readonly seen: { request: IncomingMessage; body: string }[];
  /** What it does with the next requests. */
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
  close(): Promise<void>;
}

/** A small real HTTP server that plays the MCP server behind the gate. */
export async function startUpstream(): Promise<Upstream> {
  const upstream = { seen: [] as Upstream['seen'], answer: answerJson } as unknown as Upstream & {
    url: string;
  };
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      upstream.seen.push({ request, body });
      upstream.answer(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(upstream, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return upstream;
}

export function answerJson(_request: IncomingMessage, response: ServerResponse, body: string): void {
  const id = /"id":\s*([^,}]+)/.exec(body)?.[1] ?? 'null';
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"done"}]}}`);
}
