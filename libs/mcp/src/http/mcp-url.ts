/** The `Name` rule of the contracts, as a part of a pattern: on the hot path it costs one match. */
const NAME = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const MCP_PATH = new RegExp(`^/(${NAME})/mcp/(${NAME})/(server|key)(?:\\?|$)`);
const METADATA_PATH = new RegExp(
  `^/\\.well-known/oauth-protected-resource/(${NAME})/mcp/(${NAME})/server(?:\\?|$)`,
);

export interface McpAddress {
  readonly tenant: string;
  readonly server: string;
}

/** `oauth`: `/server`, whose 401 starts OAuth discovery. `key`: `/key`, for configured headers. */
export type Door = 'oauth' | 'key';

/**
 * The MCP endpoint that a request-target (`req.url`) names, or null. Nothing is decoded and nothing normalised:
 * a target that needs either is another address (`//`, `%74`, `;x`, a trailing slash). A query is ignored.
 */
export function parseMcpPath(target: string): (McpAddress & { readonly door: Door }) | null {
  const [, tenant, server, door] = MCP_PATH.exec(target) ?? [];
  if (tenant === undefined || server === undefined) return null;
  return { tenant, server, door: door === 'key' ? 'key' : 'oauth' };
}

/** The server whose metadata (RFC 9728, section 3.1: the well-known part goes before the path) is asked for, or null. */
export function parseMetadataPath(target: string): McpAddress | null {
  const [, tenant, server] = METADATA_PATH.exec(target) ?? [];
  return tenant === undefined || server === undefined ? null : { tenant, server };
}

/**
 * A server's URL as users paste it: the audience of its tokens (RFC 8707), whichever door the call comes through.
 * @param origin without a trailing slash
 */
export function resourceUrl(origin: string, { tenant, server }: McpAddress): string {
  return `${origin}/${tenant}/mcp/${server}/server`;
}

/** Where the metadata of {@link resourceUrl} lies. */
export function metadataUrl(origin: string, { tenant, server }: McpAddress): string {
  return `${origin}/.well-known/oauth-protected-resource/${tenant}/mcp/${server}/server`;
}
