import { routeOf } from './public-routes.js';

it.each([
  ['edge', '/demo/mcp/everything/server'],
  ['edge', '/demo/mcp/everything/key'],
  ['edge', '/demo/mcp/everything/key/.well-known/openid-configuration'],
  ['edge', '/.well-known/oauth-protected-resource'],
  ['edge', '/.well-known/oauth-protected-resource?x=1'],
  ['edge', '/.well-known/oauth-protected-resource/demo/mcp/everything/server'],
  ['console', '/.well-known/oauth-protected-resource/api/v1'],
  ['console', '/api/v1/servers'],
  ['auth', '/.well-known/oauth-authorization-server'],
  ['auth', '/.well-known/oauth-authorization-server/demo/mcp/everything/server'],
  ['auth', '/demo/mcp/everything/server/.well-known/openid-configuration'],
  ['auth', '/demo/mcp/everything/server/.well-known/oauth-authorization-server'],
  ['auth', '/.well-known/oauth-protected-resourcex'],
  ['auth', '/authorize?client_id=x'],
])('%s answers %s', (service, target) => {
  expect(routeOf(target)).toBe(service);
});
