import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '@gatehouse/caller';
import type { Door, McpAddress, Message } from '@gatehouse/mcp';
import type { Refusal } from '../refusal.js';
import type { Relay } from '../upstream/relay.js';

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
  /** Who is calling, once that is known. */
  caller: Caller | null;
  /** What they send, once it is read; null for a standing stream. */
  message: Message | null;
  /** What carries the answer, once the request has been sent on. */
  relay: Relay | null;
  /** Why it must not go on, if the access was taken away while it was open. */
  ended: Refusal | null;
}
