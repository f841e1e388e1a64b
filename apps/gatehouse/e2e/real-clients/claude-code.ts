import { join } from 'node:path';
import { VENDORS, type Bench } from './bench.js';
import { ended, type RealClient } from './real-client.js';

const PROGRAM = join(VENDORS, '@anthropic-ai/claude-code-linux-x64/claude');
const CALL = ['-p', 'go', '--allowedTools', 'mcp__gw__echo', '--output-format', 'stream-json', '--verbose'];

async function claude(bench: Bench, ...args: readonly string[]): Promise<string> {
  return ended(await bench.run(PROGRAM, args));
}

export const claudeCode: RealClient = {
  name: 'Claude Code',
  version: '2.1.331',
  always: false,
  environment: (model) => ({
    ANTHROPIC_BASE_URL: model,
    ANTHROPIC_API_KEY: 'sk-ant-fake',
    ENABLE_TOOL_SEARCH: 'false',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  }),
  async signIn(bench) {
    await claude(bench, 'mcp', 'add', '--transport', 'http', 'gw', bench.mcp);
    await bench.open(PROGRAM, ['mcp', 'login', 'gw']).ends();
  },
  async callTool(bench) {
    await claude(bench, ...CALL);
  },
  stepUp: 'shows the error',
};
