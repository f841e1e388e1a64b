import { Bench } from './real-clients/bench.js';
import { inspector } from './real-clients/inspector.js';
import { mcpRemote } from './real-clients/mcp-remote.js';
import { Installation, SHAPES, type ReadyLine } from './shape.js';

describe.each(SHAPES)('real clients sign in by themselves and call a tool, %s', (shape) => {
  let gate: Installation & ReadyLine;
  beforeAll(async () => {
    gate = await Installation.start(shape);
  });
  afterAll(() => gate.stop());

  it.each([inspector, mcpRemote])('$name', async (client) => {
    const bench = await Bench.at(gate.mcp, client.environment?.(''));
    await client.signIn(bench);
    await client.callTool(bench);
    await bench.clear();
  });
});
