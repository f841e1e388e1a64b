import { scopeOf, type SnapshotServer } from '@gatehouse/contracts';
import { credentialOf, type RemoteServer } from '../manifests/remote-server.js';

/** What the edge needs to know of one server. Pure, and the same in every replica. */
export function compileServer(manifest: RemoteServer): SnapshotServer {
  const { name, url, additional_headers, tool_settings, tool_policy } = manifest;
  // manifests from before there were scopes are stored without
  const scopes = (manifest.scopes ?? []).map(({ name: own, tools }) => ({ scope: scopeOf(own), tools }));
  return {
    name,
    url,
    credential: credentialOf(manifest) === null ? 'none' : 'shared',
    headers: additional_headers,
    disabledTools: tool_settings.filter(({ disabled }) => disabled).map((tool) => tool.name),
    enabledTools: !tool_policy || tool_policy.enable_tools_by_default ? null : tool_policy.enabled_tools,
    grants: compileGrants(manifest),
    ...(scopes.length > 0 && { scopes }),
  };
}

/** Both roles may use the server; managing it is not the edge's matter. */
function compileGrants({ name, collaborators }: RemoteServer): SnapshotServer['grants'] {
  const grants = collaborators.map(({ subject, tools }) => {
    const holder = subject.replace(/^serviceaccount:/, 'service-account:');
    return [holder, { rule: `${name}/${subject}`, tools: tools ?? ('*' as const) }] as const;
  });
  return Object.fromEntries(grants);
}
