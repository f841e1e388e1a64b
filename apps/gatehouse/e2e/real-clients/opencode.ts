import { join } from 'node:path';
import { VENDORS, type Bench } from './bench.js';
import { ended, type RealClient } from './real-client.js';

const PROGRAM = join(VENDORS, 'opencode-linux-x64/bin/opencode');

async function configure(bench: Bench): Promise<void> {
  const options = { baseURL: `${bench.environment['MODEL'] ?? ''}/v1`, apiKey: 'x' };
  const fake = {
    npm: '@ai-sdk/openai-compatible',
    options,
    models: { fake: { name: 'fake', tool_call: true } },
  };
  const settings = {
    mcp: { gw: { type: 'remote', url: bench.mcp, enabled: true } },
    provider: { fake },
    model: 'fake/fake',
    permission: 'allow',
  };
  await bench.file('opencode.json', JSON.stringify(settings));
}

export const opencode: RealClient = {
  name: 'OpenCode',
  version: '1.18.33',
  always: false,
  environment: (model) => ({
    MODEL: model,
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
  }),
  async signIn(bench) {
    await configure(bench);
    await bench.open(PROGRAM, ['mcp', 'auth', 'gw']).ends();
  },
  async callTool(bench) {
    ended(await bench.run(PROGRAM, ['run', 'go']));
  },
  stepUp: 'shows the error',
};
