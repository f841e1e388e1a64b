import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EdgeRig, toolCall } from '../../test/edge-rig.js';
import { answerJson } from '../../test/upstream.js';

const call = async (rig: EdgeRig, tool: string, args: unknown = {}) =>
  (await rig.post(toolCall(tool, args))).status;

describe('the records of an edge', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'edge-journal-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are on the disk before their calls reach the upstream', async () => {
    const rig = await EdgeRig.start({ folder });
    const onDisk: boolean[] = [];
    rig.upstream.answer = (request, response, body) => {
      const files = readdirSync(folder).filter((name) => name.endsWith('.journal'));
      onDisk.push(files.some((name) => readFileSync(join(folder, name), 'utf8').includes('"written-first"')));
      answerJson(request, response, body);
    };
    expect(await call(rig, 'written-first')).toBe(200);
    expect(onDisk).toEqual([true]);
    await rig.stop();
  });

  it('reach audit although one among them cannot be told', async () => {
    const rig = await EdgeRig.start({ env: { EDGE_RECORD_BYTES: '4194304' } });
    rig.auditDown = true;
    const tools = ['before', 'too-large-for-the-bus', 'after'];
    for (const tool of tools)
      expect(await call(rig, tool, tool.startsWith('too') ? { x: 'x'.repeat(1_500_000) } : {})).toBe(200);
    rig.auditDown = false;
    for (const tool of ['before', 'after']) await rig.recorded((record) => record.tool === tool);
    expect(await call(rig, 'next')).toBe(200);
    await rig.recorded((record) => record.tool === 'next');
    expect(rig.records.some(({ tool }) => tool === tools[1])).toBe(false);
    await rig.stop();
  });

  it('are told of names and versions of any length', async () => {
    const rig = await EdgeRig.start();
    const long = 'n'.repeat(2_000_000);
    await call(rig, long);
    const message = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: long } };
    expect((await rig.post(message)).status).toBe(200);
    await rig.recorded(({ method }) => method === 'initialize');
    await rig.recorded(({ tool }) => tool.startsWith('nnn') && tool.length < 3_000);
    await rig.stop();
  });

  it('outlive the edge that could not hand them on', async () => {
    const first = await EdgeRig.start({ folder });
    first.auditDown = true;
    expect(await call(first, 'left-behind')).toBe(200);
    await first.stop({ keepFolder: true });
    const second = await EdgeRig.start({ folder });
    expect(await second.recorded(({ tool }) => tool === 'left-behind')).toMatchObject({ status: 'ok' });
    await second.stop();
  });

  it('that cannot be written keep their calls here: 503, and again 200 as soon as there is room', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    try {
      const rig = await EdgeRig.start({ folder });
      rig.auditDown = true;
      const filler = { text: 'x'.repeat(8_000) };
      let status = 200;
      for (let count = 0; status === 200 && count < 50; count++) status = await call(rig, 'filling', filler);
      expect(status).toBe(503);
      const before = rig.upstream.seen.length;
      for (let count = 0; count < 20; count++) {
        const answer = await rig.post(toolCall('refused', filler));
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
      }
      expect(rig.upstream.seen.length).toBe(before);
      expect((await readdir(folder)).length).toBeLessThan(5);
      rig.auditDown = false;
      await rig.recorded(({ tool }) => tool === 'filling');
      const begun = performance.now();
      while ((await call(rig, 'fits-again', filler)) !== 200)
        expect(performance.now() - begun).toBeLessThan(6_000);
      await rig.recorded(({ tool }) => tool === 'fits-again');
      await rig.stop({ keepFolder: true });
      expect(await readdir(folder)).toEqual([]);
    } finally {
      execFileSync('umount', ['-l', folder]);
    }
  });

  it('are given up by no start: a damaged file is set aside', async () => {
    await writeFile(join(folder, '1-1-0.journal'), 'no journal at all\n');
    const rig = await EdgeRig.start({ folder });
    expect(await call(rig, 'fine')).toBe(200);
    expect(await readdir(folder)).toContain('1-1-0.journal.damaged');
    await rig.stop();
  });
});
