import type { IncomingMessage, RequestListener } from 'node:http';
import { Failure, MCP_SCOPES } from '@gatehouse/contracts';
import {
  bearerChallenge,
  describeFault,
  errorBody,
  faultOfHeaders,
  metadataUrl,
  parseMcpPath,
  resourceUrl,
} from '@gatehouse/mcp';
import { Counter } from '@gatehouse/runtime';
import type { Exchange } from './call/exchange.js';
import { identify, postMessage } from './call/post-message.js';
import { standingStream } from './call/standing-stream.js';
import { presentsToken, tokenIn } from './caller/presented-token.js';
import { clientAddress } from './client-address.js';
import type { Gate } from './gate.js';
import { howToUsePage, wantsPage } from './how-to-use.js';
import { Refusal } from './refusal.js';
import { answerResourceMetadata } from './resource-metadata.js';

const requests = new Counter({
  name: 'gatehouse_edge_requests_total',
  help: 'Requests on MCP addresses, by HTTP method and status',
  labelNames: ['method', 'status'],
});

/** The edge's public HTTP: MCP addresses and their resource metadata. */
export function edgeListener(gate: Gate): RequestListener {
  return (request, response) => {
    const target = parseMcpPath(request.url ?? '');
    if (target === null) return answerResourceMetadata(gate.config.GATEHOUSE_PUBLIC_URL, request, response);
    response.on('finish', () => requests.inc({ method: request.method ?? '', status: response.statusCode }));
    const resource = resourceUrl(gate.config.GATEHOUSE_PUBLIC_URL, target);
    const exchange: Exchange = {
      request,
      response,
      target,
      resource,
      arrived: performance.now(),
      rawId: 'null',
      ...NOT_KNOWN_YET,
    };
    void serve(gate, exchange);
  };
}

const NOT_KNOWN_YET = { caller: null, message: null, relay: null, ended: null };

async function serve(gate: Gate, exchange: Exchange): Promise<void> {
  gate.open.add(exchange);
  try {
    await answer(gate, exchange);
  } catch (error) {
    refuse(gate, exchange, await unlessGuessed(gate, exchange, error));
  } finally {
    gate.open.delete(exchange);
  }
}

async function answer(gate: Gate, exchange: Exchange): Promise<void> {
  const fault = faultOfHeaders(exchange.request.rawHeaders);
  if (fault) throw Refusal.malformed(fault.http, describeFault(fault));
  switch (exchange.request.method) {
    case 'POST':
      return postMessage(gate, exchange);
    case 'GET':
      if (wantsPage(exchange.request)) return howToUsePage(exchange);
      return standingStream(gate, exchange);
    case 'DELETE':
      return standingStream(gate, exchange);
    case 'HEAD':
      await identify(gate, exchange);
      throw notAllowed();
    default:
      throw notAllowed();
  }
}

/** 429 in place of 401 for whoever tries one key after another. */
async function unlessGuessed(gate: Gate, { request }: Exchange, error: unknown): Promise<unknown> {
  if (!(error instanceof Failure) || error.code !== 'caller.unauthenticated') return error;
  const address = clientAddress(request, gate.config.GATEHOUSE_TRUSTED_PROXIES);
  const wait = await gate.guesses.refused(tokenIn(request) ?? '', address);
  if (wait === 0) return error;
  const text = `Too many unknown keys from this address. Wait ${wait} s.`;
  return Refusal.of('limit.exceeded', { text, headers: { 'retry-after': String(wait) } });
}

function notAllowed(): Refusal {
  return Refusal.malformed(405, 'Use POST, GET or DELETE.', { allow: 'POST, GET, DELETE' });
}

/** Answers what was thrown; if the answer has begun already, all that can be said is that it ends here. */
function refuse(gate: Gate, exchange: Exchange, error: unknown): void {
  const { response, request } = exchange;
  const { details } = Refusal.from(error);
  if (details.http === 500) gate.log.error({ err: error }, 'a call failed because of a bug');
  if (response.headersSent) return void response.destroy();
  discardRest(request, gate.config.EDGE_BODY_LIMIT);
  const body = errorBody(exchange.rawId, details.rpc, details.text);
  response.writeHead(details.http, {
    ...(details.http === 503 && { 'retry-after': '2' }),
    ...(details.http === 401 && { 'www-authenticate': challenge(gate, exchange) }),
    ...details.headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Reads over what is still to come of a body, so that the connection can go on; a sender who goes too far is cut off. */
function discardRest(request: IncomingMessage, limit: number): void {
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limit) request.destroy();
  });
}

/** Starts OAuth discovery (RFC 9728 section 5.1), except at the door for configured keys. */
function challenge(gate: Gate, { target, request }: Exchange): string {
  return bearerChallenge({
    ...(target.door === 'oauth' && {
      resourceMetadata: metadataUrl(gate.config.GATEHOUSE_PUBLIC_URL, target),
      scope: MCP_SCOPES.join(' '),
    }),
    ...(presentsToken(request) && { error: 'invalid_token' as const }),
  });
}
