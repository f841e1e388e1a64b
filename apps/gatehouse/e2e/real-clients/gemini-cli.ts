import { join } from 'node:path';
import { NODE_24, VENDORS, type Bench } from './bench.js';
import { ended, type RealClient } from './real-client.js';
import { ENTER } from './terminal.js';

/** One model by name: to choose one, it would ask another. */
const GEMINI = [join(VENDORS, '@google/gemini-cli/bundle/gemini.js'), '-m', 'gemini-2.5-flash'];

async function configure(bench: Bench): Promise<void> {
  const settings = {
    mcpServers: { gw: { url: bench.mcp, type: 'http', trust: true } },
    security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
  };
  await bench.file('.gemini/settings.json', JSON.stringify(settings));
}

export const geminiCli: RealClient = {
  name: 'Gemini CLI',
  version: '0.61.0',
  always: false,
  environment: (model) => ({
    GEMINI_API_KEY: 'fake',
    GOOGLE_GEMINI_BASE_URL: model,
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
    DISPLAY: ':99', // without one it tries no browser
  }),
  async signIn(bench) {
    await configure(bench);
    const terminal = bench.open(NODE_24, [...GEMINI, '-i', 'hello']);
    await terminal.shows(/✦ done/); // while it starts, it takes commands for prompts
    terminal.press('/mcp auth gw '); // after a word it would take the suggestion instead
    await terminal.shows(/> +\/mcp auth gw/); // keys that come together are a paste
    terminal.press(ENTER);
    await terminal.shows(/Do you want to continue/);
    terminal.press(ENTER);
    await terminal.shows(/Successfully authenticated/);
    terminal.close();
  },
  async callTool(bench) {
    ended(await bench.run(NODE_24, [...GEMINI, '-p', 'go', '--approval-mode', 'yolo']));
  },
  stepUp: 'shows the error',
};
