import { join } from 'node:path';
import { ROOT } from '../shape.js';
import type { Bench } from './bench.js';
import { ECHO, ended, gaveBack, type RealClient } from './real-client.js';

const PROGRAM = join(ROOT, 'apps/gatehouse/e2e/real-clients/sdk-client.mjs');

function sdk(version: 'v1' | 'v2', more: Pick<RealClient, 'name' | 'version' | 'stepUp'>): RealClient {
  const ask = async (bench: Bench, call: string) =>
    ended(await bench.run(process.execPath, [PROGRAM, version, bench.mcp, call]));
  return {
    ...more,
    always: true,
    async signIn(bench) {
      await ask(bench, JSON.stringify(null));
    },
    async callTool(bench) {
      gaveBack(await ask(bench, JSON.stringify(ECHO)));
    },
  };
}

/** A refresh comes first there, and brings no scope. */
export const sdkV1 = sdk('v1', {
  name: '@modelcontextprotocol/sdk',
  version: '1.32.2',
  stepUp: 'shows the error',
});
export const sdkV2 = sdk('v2', {
  name: '@modelcontextprotocol/client',
  version: '2.4.0',
  stepUp: 'signs in again',
});
