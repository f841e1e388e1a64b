import { MCP_SCOPES, Name, scopeOf, ScopeName } from '@gatehouse/contracts';

/** Scope of an access token for the admin API. */
export const API_SCOPES = ['api'] as const;

/** What an access token can be for: the value of `resource` (RFC 8707) and of the token's `aud`. */
export type Resource =
  | { readonly kind: 'server'; readonly url: string; readonly tenant: string; readonly server: string }
  | { readonly kind: 'api'; readonly url: string };

const SERVER_PATH = /^\/([^/]+)\/mcp\/([^/]+)\/server$/;

/**
 * Reads a resource indicator. Whether the tenant and the server exist is not asked here, nor may it be: a stranger
 * who is told "unknown" learns what exists. It is asked once the person is known.
 *
 * @returns null if it is no well-formed resource of this origin
 */
export function parseResource(origin: string, indicator: string): Resource | null {
  const url = URL.parse(indicator);
  if (!url || url.href !== origin + url.pathname) return null;
  if (url.pathname === '/api/v1') return { kind: 'api', url: url.href };
  const [, tenant, server] = SERVER_PATH.exec(url.pathname) ?? [];
  if (!Name.safeParse(tenant).success || !Name.safeParse(server).success) return null;
  return { kind: 'server', url: url.href, tenant: tenant as string, server: server as string };
}

/** The scopes of a token for this resource for which nobody need ask. */
export function scopesOf(resource: Resource): readonly string[] {
  return resource.kind === 'api' ? API_SCOPES : MCP_SCOPES;
}

/** More of a server's own scopes than a server can define are not looked at. */
const MOST_OWN_SCOPES = 20;

/**
 * Of the scopes asked for, those that there can be. Which of its own a server really defines is no stranger's matter: it
 * is asked once the person is known ({@link existingScopes}).
 */
export function possibleScopes(resource: Resource, asked: string): string[] {
  const names = new Set(asked.split(' '));
  const offered = scopesOf(resource).filter((scope) => names.has(scope));
  if (resource.kind === 'api') return offered;
  return [...offered, ...[...names].filter(isOwn).slice(0, MOST_OWN_SCOPES)];
}

/** Of those, the ones that exist. */
export function existingScopes(
  resource: Resource,
  possible: readonly string[],
  own: ReadonlyArray<{ readonly name: string }>,
): string[] {
  const known = new Set([...scopesOf(resource), ...own.map(({ name }) => scopeOf(name))]);
  return possible.filter((scope) => known.has(scope));
}

function isOwn(scope: string): boolean {
  return scope.startsWith('mcp:') && ScopeName.safeParse(scope.slice('mcp:'.length)).success;
}
