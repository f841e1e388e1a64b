import { Name, ScopeName } from '@gatehouse/contracts';
import { z } from 'zod';
import { CredentialHeaders, PlainHeaders } from './header-fields.js';

export const SECRET = '[secret]';

const NOT_SUPPORTED = 'is not supported by this version';
const notSupported = z.undefined({ error: NOT_SUPPORTED }).optional();

const UpstreamUrl = z
  .string()
  .max(2_048)
  .superRefine((text, context) => {
    const fault = urlFault(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });

function urlFault(text: string): string | null {
  if (!URL.canParse(text) || /[\s\p{Cc}]/u.test(text)) return 'is no URL';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with https:// or http://';
  if (url.username !== '' || url.password !== '')
    return 'may not hold a user name or password: use auth_data';
  if (text.includes('#')) return 'may not hold a fragment (#)';
  return text.includes('${') ? 'may not hold a variable: it is kept in clear' : null;
}

const AuthData = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('header'),
      auth_level: z.literal('global', { error: `${NOT_SUPPORTED}, other than global` }),
      headers: CredentialHeaders,
    }),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? `${NOT_SUPPORTED}, other than header` : undefined) },
);

const ToolName = z.string().min(1).max(256);

const ToolSetting = z.strictObject({
  name: ToolName,
  disabled: z.boolean().default(false),
  description: notSupported,
  annotations: notSupported,
});

const ToolPolicy = z
  .strictObject({ enable_tools_by_default: z.boolean(), enabled_tools: z.array(ToolName).default([]) })
  .refine((policy) => !policy.enable_tools_by_default || policy.enabled_tools.length === 0, {
    path: ['enabled_tools'],
    error: 'has no effect where enable_tools_by_default is true',
  });

const Collaborator = z.strictObject({
  /** People and service accounts are known by lower-case names; a team's name is as its provider writes it. */
  subject: z
    .string()
    .max(300)
    .regex(/^(?:user|team|serviceaccount):[^\s\p{Cc}]+(?: [^\s\p{Cc}]+)*$/u, {
      error: 'must be user:<e-mail>, team:<name> or serviceaccount:<name>',
    })
    .transform((subject) => (subject.startsWith('team:') ? subject : subject.toLowerCase())),
  role_id: z.enum(['mcp-server-manager', 'mcp-server-user']),
  /** Our extension: the only tools that this collaborator may use. */
  tools: z.array(ToolName).min(1, { error: 'must name a tool, or be left out' }).optional(),
});

/** Our extension: a scope of the server's own, without which a token may not call these tools. */
const Scope = z.strictObject({
  name: ScopeName,
  /** Shown on the approval page. */
  description: z.string().min(1).max(200),
  tools: z.array(ToolName).min(1, { error: 'must name a tool' }),
});

const Scopes = z
  .array(Scope)
  .max(20)
  .superRefine(distinct('name'))
  .superRefine((scopes, context) => {
    const taken = new Set<string>();
    scopes.forEach(({ tools }, index) =>
      tools.forEach((tool, at) => {
        if (taken.has(tool))
          context.addIssue({ code: 'custom', path: [index, 'tools', at], message: 'has a scope already' });
        taken.add(tool);
      }),
    );
  });

/** A manifest of the kind `mcp-server/remote`. */
export const RemoteServer = z.strictObject({
  type: z.literal('mcp-server/remote'),
  name: Name,
  description: z.string().max(1_000).default(''),
  url: UpstreamUrl,
  tls_settings: notSupported,
  auth_data: AuthData.optional(),
  additional_headers: PlainHeaders.default({}),
  tool_settings: z.array(ToolSetting).superRefine(distinct('name')).default([]),
  tool_policy: ToolPolicy.optional(),
  scopes: Scopes.default([]),
  collaborators: z.array(Collaborator).superRefine(distinct('subject')).default([]),
  tags: z.record(z.string().max(100), z.string().max(1_000)).default({}),
});
export type RemoteServer = z.output<typeof RemoteServer>;

function distinct<Key extends string>(key: Key) {
  return (
    items: ReadonlyArray<Record<Key, string>>,
    context: Pick<z.core.$RefinementCtx, 'addIssue'>,
  ): void => {
    const seen = new Set<string>();
    items.forEach((item, index) => {
      if (seen.has(item[key]))
        context.addIssue({ code: 'custom', path: [index, key], message: 'is repeated' });
      seen.add(item[key]);
    });
  };
}

/** The headers that the vault keeps, or null where the server needs none. */
export function credentialOf({ auth_data }: RemoteServer): Record<string, string> | null {
  return auth_data?.headers ?? null;
}

/** The manifest as it may be stored and shown. */
export function withoutSecrets(manifest: RemoteServer): RemoteServer {
  const { auth_data } = manifest;
  if (!auth_data) return manifest;
  const names = Object.keys(auth_data.headers);
  return {
    ...manifest,
    auth_data: { ...auth_data, headers: Object.fromEntries(names.map((name) => [name, SECRET])) },
  };
}
