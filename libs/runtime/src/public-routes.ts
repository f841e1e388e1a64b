import type { ServiceName } from '@gatehouse/contracts';

export interface PublicRoute {
  readonly service: ServiceName;
  /** Matched against the path; the first route that fits takes the request. */
  readonly path: RegExp;
}

/**
 * Which service answers which public path, in order: the all-in-one and the development ingress route by this table,
 * and the ingress of docker-compose is generated from it. Whatever fits none goes to auth, whose addresses stand at
 * the root (clients look for /authorize, /token and /register there).
 */
export const PUBLIC_ROUTES: readonly PublicRoute[] = [
  { service: 'console', path: /^\/api\/v1(?:\/|\?|$)/ },
  { service: 'console', path: /^\/\.well-known\/oauth-protected-resource\/api\// },
  { service: 'edge', path: /^\/\.well-known\/oauth-protected-resource(?:\/|\?|$)/ },
  { service: 'auth', path: /^\/[^/]+\/mcp\/[^/]+\/server\/\.well-known\// },
  { service: 'edge', path: /^\/[^/]+\/mcp\// },
  { service: 'auth', path: /^\// },
];

/** The service for a request-target (`req.url`). */
export function routeOf(target: string): ServiceName {
  return PUBLIC_ROUTES.find(({ path }) => path.test(target))?.service ?? 'auth';
}
