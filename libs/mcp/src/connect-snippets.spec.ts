import { connectSnippets } from './connect-snippets.js';

const URL_OF_SERVER = 'https://gate.example/demo/mcp/git-hub/server';
const byClient = Object.fromEntries(
  connectSnippets(URL_OF_SERVER, 'git-hub').map((snippet) => [snippet.client, snippet]),
);

describe('connect snippets', () => {
  it('gives Cursor its mcp.json, and a link whose config is base64 JSON', () => {
    expect(JSON.parse(byClient['cursor']?.text ?? '')).toEqual({
      mcpServers: { 'git-hub': { url: URL_OF_SERVER } },
    });
    const link = new URL(byClient['cursor']?.deepLink ?? '');
    expect(`${link.protocol}//${link.host}${link.pathname}`).toBe(
      'cursor://anysphere.cursor-deeplink/mcp/install',
    );
    expect(link.searchParams.get('name')).toBe('git-hub');
    const config = Buffer.from(link.searchParams.get('config') ?? '', 'base64').toString();
    expect(JSON.parse(config)).toEqual({ url: URL_OF_SERVER });
  });

  it('gives Claude Code a command', () => {
    expect(byClient['claude-code']?.text).toBe(`claude mcp add --transport http git-hub ${URL_OF_SERVER}`);
  });

  it('gives VS Code its mcp.json, and a link that carries the same in its query', () => {
    expect(JSON.parse(byClient['vscode']?.text ?? '')).toEqual({
      servers: { 'git-hub': { type: 'http', url: URL_OF_SERVER } },
    });
    const [scheme, query] = (byClient['vscode']?.deepLink ?? '').split('?');
    expect(scheme).toBe('vscode:mcp/install');
    expect(JSON.parse(decodeURIComponent(query ?? ''))).toEqual({
      name: 'git-hub',
      type: 'http',
      url: URL_OF_SERVER,
    });
  });

  it('gives Codex a table of its configuration', () => {
    expect(byClient['codex']?.text).toBe(`[mcp_servers.git-hub]\nurl = "${URL_OF_SERVER}"`);
  });
});
