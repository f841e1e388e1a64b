import type { IncomingMessage, ServerResponse } from 'node:http';
import { MCP_SCOPES } from '@gatehouse/contracts';
import { parseMetadataPath, resourceUrl } from '@gatehouse/mcp';

const ROOT = /^\/\.well-known\/oauth-protected-resource(?:\?|$)/;
/** Clients in a browser read this too, without credentials, whatever headers they add. */
const PREFLIGHT = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET',
  'access-control-allow-headers': '*',
  'access-control-max-age': '3600',
};

/**
 * Resource metadata (RFC 9728): of a server at the address that section 3.1 makes of its own, and of the whole origin
 * at the root, for clients that look nowhere else. The same for servers that exist and servers that do not: a stranger
 * learns nothing.
 */
export function answerResourceMetadata(
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const metadata = metadataAt(origin, request.url ?? '');
  if (metadata === null) return sendJson(response, 404, { error: 'There is nothing at this address.' });
  switch (request.method) {
    case 'GET':
    case 'HEAD': // Node keeps the body back
      response.setHeader('access-control-allow-origin', '*');
      return sendJson(response, 200, metadata);
    case 'OPTIONS':
      return void response.writeHead(204, PREFLIGHT).end();
    default:
      response.setHeader('allow', 'GET, HEAD, OPTIONS');
      return sendJson(response, 405, { error: 'Use GET.' });
  }
}

function metadataAt(origin: string, target: string): object | null {
  const address = parseMetadataPath(target);
  if (address === null && !ROOT.test(target)) return null;
  return {
    resource: address === null ? origin : resourceUrl(origin, address),
    authorization_servers: [origin],
    scopes_supported: MCP_SCOPES,
    bearer_methods_supported: ['header'],
    resource_name: address === null ? 'Gatehouse' : `${address.server} (${address.tenant})`,
  };
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}
