/** Clients for which a snippet can be given. */
export type SnippetClient = 'cursor' | 'claude-code' | 'vscode' | 'codex' | 'gemini-cli';

/** How one client is told of an MCP server. */
export interface ConnectSnippet {
  client: SnippetClient;
  /** The client's name as its users know it. */
  title: string;
  /** The file that `text` belongs in; absent where `text` is a command. */
  file?: string;
  language: 'json' | 'shell' | 'toml';
  text: string;
  /** A link that makes the client itself offer to add the server. */
  deepLink?: string;
}

const json = (value: unknown): string => JSON.stringify(value, null, 2);

function cursor(url: string, name: string): ConnectSnippet {
  const config = Buffer.from(JSON.stringify({ url })).toString('base64');
  return {
    client: 'cursor',
    title: 'Cursor',
    file: '.cursor/mcp.json',
    language: 'json',
    text: json({ mcpServers: { [name]: { url } } }),
    deepLink: `cursor://anysphere.cursor-deeplink/mcp/install?${new URLSearchParams({ name, config })}`,
  };
}

function vscode(url: string, name: string): ConnectSnippet {
  return {
    client: 'vscode',
    title: 'VS Code',
    file: '.vscode/mcp.json',
    language: 'json',
    text: json({ servers: { [name]: { type: 'http', url } } }),
    deepLink: `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name, type: 'http', url }))}`,
  };
}

/**
 * Ready snippets for the clients that people use, most used first.
 *
 * @param url the MCP server's URL as users see it
 * @param name what the client will call the server: lower-case letters, digits and hyphens
 */
export function connectSnippets(url: string, name: string): ConnectSnippet[] {
  return [
    cursor(url, name),
    {
      client: 'claude-code',
      title: 'Claude Code',
      language: 'shell',
      text: `claude mcp add --transport http ${name} ${url}`,
    },
    vscode(url, name),
    {
      client: 'codex',
      title: 'Codex CLI',
      file: '~/.codex/config.toml',
      language: 'toml',
      text: `[mcp_servers.${name}]\nurl = ${JSON.stringify(url)}`,
    },
    {
      client: 'gemini-cli',
      title: 'Gemini CLI',
      language: 'shell',
      text: `gemini mcp add --transport http ${name} ${url}`,
    },
  ];
}
