import { join } from 'node:path';
import { VENDORS, type Bench } from './bench.js';
import { ended, type RealClient } from './real-client.js';
import { DOWN, ENTER } from './terminal.js';

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
    const terminal = bench.open(PROGRAM, ['mcp']);
    await terminal.shows(/Authorize OAuth/);
    terminal.press(DOWN.repeat(4));
    await terminal.shows(/● Authorize OAuth/);
    terminal.press(ENTER);
    await terminal.shows(/Select remote server/);
    terminal.press(ENTER);
    await terminal.shows(/authorization completed/);
    terminal.close();
  },
  async callTool(bench) {
    await cline(bench, 'please go now', '--auto-approve', 'true');
  },
  stepUp: 'shows the error',
};
