import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../shape.js';

interface Rule {
  readonly rule: string;
  /** The deciding lines, as they stand in the source; empty: nothing upholds it yet. */
  readonly upheld: readonly (readonly [file: string, line: string])[];
}

/** What follows from how clients behave, and what in our source upholds it. */
export const RULES: readonly Rule[] = [
  {
    rule: 'The port of a loopback redirect is ignored (RFC 8252, section 7.3), whatever `application_type` says; the path is not.',
    upheld: [['apps/auth/src/oidc/requests/registration.ts', 'return { uri, native: loopback };']],
  },
  {
    rule: "Several redirects in one registration, an app's own scheme among them; never one that runs in the browser, nor plain `http` to elsewhere.",
    upheld: [
      ['apps/auth/src/oidc/requests/registration.ts', 'if (DANGEROUS_SCHEMES.has(url.protocol))'],
      ['apps/auth/src/oidc/requests/registration.ts', "if (url.protocol === 'http:' && !loopback)"],
    ],
  },
  {
    rule: "`resource` missing at token or refresh is the grant's; a wrong one is `invalid_target`; resource metadata names the pasted URL.",
    upheld: [
      ['apps/auth/src/oidc/provider.ts', 'useGrantedResource: () => true,'],
      [
        'apps/edge/src/resource-metadata.ts',
        'resource: address === null ? origin : resourceUrl(origin, address),',
      ],
    ],
  },
  {
    rule: 'A refresh token always; `offline_access` nowhere; the scopes in both documents, least first.',
    upheld: [
      ['apps/auth/src/oidc/provider.ts', 'issueRefreshToken: () => true,'],
      ['apps/auth/src/oidc/metadata.ts', 'scopes_supported: [...MCP_SCOPES],'],
    ],
  },
  {
    rule: 'Client metadata documents and `none` are advertised; registration stays on, limited in rate.',
    upheld: [
      ['apps/auth/src/oidc/provider.ts', 'discovery: { client_id_metadata_document_supported: true },'],
      ['apps/auth/src/oidc/provider.ts', "clientAuthMethods: ['none',"],
      ['apps/auth/src/server.ts', "app.use('/register', limitRegistrations(app.get(RegistrationLimit)));"],
    ],
  },
  {
    rule: 'A client that was used is kept for 90 days after its last use, in the database; unknown at the token endpoint it is `invalid_client`.',
    upheld: [['apps/auth/src/clients/clients.store.ts', 'const KEEP_USED_MS = 90 * 24 * HOUR_MS;']],
  },
  {
    rule: 'A family of refresh tokens is one grant. What was replaced works until its successor is used, and a minute at most; a later replay ends that grant alone.',
    upheld: [
      [
        'apps/auth/src/oidc/oidc-state.store.ts',
        "state.consumed_at BETWEEN clock_timestamp() - interval '60 s' AND clock_timestamp()",
      ],
      ['apps/auth/src/oidc/oidc-state.store.ts', 'successor.consumed_at IS NOT NULL'],
    ],
  },
  {
    rule: '401 for a bad token only, 403 where a step-up can succeed, 200 for a denial, 503 with Retry-After for our own trouble.',
    upheld: [
      ['apps/edge/src/call/scope.ts', "throw Refusal.of('caller.insufficient_scope', {"],
      ['libs/contracts/src/failures.ts', "'policy.denied': [200,"],
      ['apps/edge/src/mcp-endpoint.ts', "...(details.http === 503 && { 'retry-after': '2' }),"],
    ],
  },
  {
    rule: "An unknown session is 404. A comment at least every 25 s on the request's own stream.",
    upheld: [['apps/edge/src/call/forward.ts', 'throw new Refusal({ http: 404, rpc: SESSION_NOT_FOUND,']],
  },
  { rule: 'initialize and tools/list answer within 10 s whatever upstreams do.', upheld: [] },
  {
    rule: 'The `/key` form of the URL never answers discovery.',
    upheld: [['apps/edge/src/mcp-endpoint.ts', "...(target.door === 'oauth' && {"]],
  },
  {
    rule: 'The issuer comes from configuration, never from a header. `/authorize`, `/token` and `/register` at the MCP host.',
    upheld: [
      ['apps/auth/src/oidc/public-origin.ts', 'request.headers.host = host;'],
      ['apps/auth/src/oidc/provider.ts', "registration: '/register',"],
    ],
  },
  {
    rule: "Towards providers: no `resource` for Entra, a refresh token is never erased on a transient failure, and it is bound to the client's generation.",
    upheld: [],
  },
  { rule: "Tool names fit into 64 characters after the client's own prefix.", upheld: [] },
  {
    rule: 'The tool is read from the body; a header that disagrees is refused (400, -32020).',
    upheld: [
      ['apps/edge/src/call/post-message.ts', 'headersAgree(exchange.request.headers, reading.message)'],
    ],
  },
];

/** @throws Error if a deciding line is no longer where a rule says */
export async function describeRules(): Promise<string> {
  const rows = await Promise.all(
    RULES.map(async ({ rule, upheld }, index) => {
      const lines = await Promise.all(upheld.map(([file, line]) => describeLine(file, line)));
      return `| ${index + 1} | ${rule} | ${lines.join('<br>') || 'nothing yet'} |`;
    }),
  );
  return ['| | rule | upheld by |', '|---|---|---|', ...rows].join('\n');
}

async function describeLine(file: string, line: string): Promise<string> {
  const source = await readFile(join(ROOT, file), 'utf8');
  if (!source.includes(line)) throw new Error(`${file} no longer has the line which a rule needs: ${line}`);
  return `[${file.split('/').at(-1)}](../${file}) \`${line}\``;
}
