import { join } from 'node:path';
import { VENDORS, type Bench } from './bench.js';
import { ended, type RealClient } from './real-client.js';

const PROGRAM = join(VENDORS, '@cline/cli-linux-x64/bin/cline');

async function cline(bench: Bench, ...args: readonly string[]): Promise<string> {
  return ended(await bench.run(PROGRAM, args));
}

export const clineCli: RealClient = {
  name: 'Cline CLI',
  version: '3.0.65',
  always: false,
  environment: (model) => ({ MODEL: model, DISPLAY: ':99' }),
  async signIn(bench) {
    const model = `${bench.environment['MODEL'] ?? ''}/v1`;
    await cline(bench, 'auth', '-p', 'openai', '-k', 'x', '-m', 'fake', '-b', model);
    await cline(bench, 'mcp', 'add', 'gw', bench.mcp, '--transport', 'http', '--yes');
    const terminal = await bench.open(PROGRAM, ['mcp']);
    try {
      await terminal.shows(/Authorize OAuth/);
      await terminal.press('Down', 'Down', 'Down', 'Down', 'Enter');
      await terminal.shows(/Select remote server/);
      await terminal.press('Enter');
      await terminal.shows(/authorization completed/);
    } finally {
      await terminal.close();
    }
  },
  async callTool(bench) {
    await cline(bench, 'please go now', '--auto-approve', 'true');
  },
  stepUp: 'shows the error',
};
