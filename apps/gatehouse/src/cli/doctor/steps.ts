import type { StepPlan } from './step-report.js';

/** What an MCP client does when a person pastes a URL, step by step, and what must come of each. */
export const STEPS = {
  reach: {
    name: 'reach the URL',
    expected: 'status 401 with WWW-Authenticate: Bearer resource_metadata="..." (RFC 9728, section 5.1)',
    cure: 'Check that the URL is the MCP endpoint itself, and that nothing in between answers in its place.',
  },
  resource: {
    name: 'resource metadata',
    expected:
      'a document whose "resource" is the pasted URL, and which names an authorization server (RFC 9728)',
    cure: 'Let the resource metadata through to the MCP server, unchanged, without signing in.',
  },
  server: {
    name: 'authorization server metadata',
    expected: 'a document with the same "issuer", S256 and a registration endpoint (RFC 8414)',
    cure: 'Let /.well-known/oauth-authorization-server through to the authorization server, unchanged.',
  },
  register: {
    name: 'register a client',
    expected: 'status 201 with a client_id for a native public client (RFC 7591)',
    cure: 'Switch dynamic client registration on, or look into the log of the authorization server.',
  },
  authorize: {
    name: 'sign in and approve',
    expected: 'a redirect back to the client with a code',
    cure: 'Look into the log of the authorization server at this moment.',
  },
  token: {
    name: 'get tokens',
    expected: 'tokens for the code, after a redirect with the right `state` and `iss` (RFC 9207)',
    cure: 'Look into the log of the authorization server at this moment.',
  },
  initialize: {
    name: 'initialize',
    expected: "the MCP server's name and version",
    cure: 'The sign-in went well: look into the log of the MCP server, and of Gatehouse if it stands before it.',
  },
  list: {
    name: 'tools/list',
    expected: 'a list of tools',
    cure: 'Look into the log of the MCP server, and whether this person may use it.',
  },
  call: {
    name: 'tools/call',
    expected: 'a result, or no tool that is safe to try',
    cure: 'Look into the log of the MCP server, and whether this person may use this tool.',
  },
  refresh: {
    name: 'refresh',
    expected: 'a new access token for the refresh token',
    cure: 'Without it people are asked to sign in again each time that a token expires: let the server refresh.',
  },
} as const satisfies Record<string, StepPlan>;
