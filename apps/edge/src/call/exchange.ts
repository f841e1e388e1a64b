import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Door, McpAddress } from '@gatehouse/mcp';

/** One HTTP request on an MCP address, and what is to become its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: McpAddress & { readonly door: Door };
  /** The server's URL as users see it: the audience of tokens, whichever door was used. */
  readonly resource: string;
  /** When it came in, on the clock of `performance.now()`. */
  readonly arrived: number;
  /** The JSON-RPC id as text, once it is known: errors carry it. */
  rawId: string;
}
