import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallRecord } from '@gatehouse/contracts';
import { createLogger } from '@gatehouse/runtime';
import { v7 as uuid } from 'uuid';
import { decodeEntries, encodeEntry, type Outcome } from './entry.js';
import { Journal } from './journal.js';

const log = createLogger('journal', 'silent');

function intent(tool = 'echo'): CallRecord {
  return {
    id: uuid(), time: '2026-01-01T00:00:00Z', tenant: 'demo', subject: { type: 'user', id: '1', name: 'a@b.c', token: 't' },
    teams: [], client: { id: '', name: '' }, edge: 'e', seq: 0, server: 's', method: 'tools/call', tool, arguments: {}, result: null,
    decision: { effect: 'permit', rule: 'r', policyVersion: 1 }, credential: null, status: 'unknown', error: null, isToolError: false,
    latencyMs: { total: 0, upstream: 0 }, bytes: { in: 1, out: 0 }, metadata: {}, trace: '', protocol: '', ip: '',
  }; // prettier-ignore
}

const OK: Outcome = {
  status: 'ok',
  error: null,
  isToolError: false,
  result: { content: [] },
  latencyMs: { total: 2, upstream: 1 },
  bytes: { in: 1, out: 2 },
  credential: null,
};

describe('the journal', () => {
  let folder: string;
  const open = (segmentBytes?: number) =>
    Journal.open({ folder, durability: 'fsync', log, ...(segmentBytes !== undefined && { segmentBytes }) });
  const files = async () => (await readdir(folder)).sort();
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'journal-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('has an intent on the disk before the call may leave', async () => {
    const journal = await open();
    const record = intent();
    await journal.begin(record);
    const [file = ''] = await files();
    expect(await readFile(join(folder, file), 'utf8')).toContain(record.id);
    await journal.close();
  });

  it('hands a record on when its outcome is known', async () => {
    const journal = await open();
    const record = intent();
    await journal.begin(record);
    expect(journal.take(10)).toEqual([]);
    journal.end(record.id, OK);
    expect(journal.take(10)).toEqual([{ ...record, ...OK }]);
    await journal.close();
  });

  it('tells of each record once, when it is final', async () => {
    const told: string[] = [];
    const onRecord = ({ tool, status }: CallRecord) => told.push(`${tool} ${status}`);
    const journal = await Journal.open({ folder, durability: 'fsync', log, onRecord });
    const record = intent('shown');
    await journal.begin(record);
    expect(told).toEqual([]);
    journal.end(record.id, OK);
    await journal.note({ ...intent('refused'), status: 'denied' });
    expect(told).toEqual(['shown ok', 'refused denied']);
    await journal.close();
  });

  it('finds again what a killed process left: whole records, and calls whose end is unknown', async () => {
    const killed = await open();
    const [done, running] = [intent('done'), intent('running')];
    await Promise.all([killed.begin(done), killed.begin(running)]);
    killed.end(done.id, OK);
    await killed.note({ ...intent('denied'), status: 'denied' });
    const next = await open();
    expect(next.take(10).map(({ tool, status }) => `${tool} ${status}`)).toEqual([
      'done ok',
      'running unknown',
      'denied denied',
    ]);
  });

  it('removes a file only when audit has every record in it', async () => {
    const journal = await open();
    const records = [intent(), intent()];
    for (const record of records) await journal.begin(record);
    for (const { id } of records) journal.end(id, OK);
    const [first, second] = journal.take(2);
    await journal.close();
    const next = await open();
    const [a, b] = next.take(2);
    expect([a?.id, b?.id]).toEqual([first?.id, second?.id]);
    if (a) await next.release([a]);
    expect(await files()).toHaveLength(1);
    if (b) await next.release([b]);
    expect(await files()).toHaveLength(0);
  });

  it('begins a new file when one is full, and loses nothing over the border', async () => {
    const journal = await open(1_000);
    const records = Array.from({ length: 20 }, () => intent());
    for (const record of records) await journal.begin(record);
    for (const { id } of records) journal.end(id, OK);
    await journal.close();
    expect((await files()).length).toBeGreaterThan(5);
    const next = await open();
    expect(next.take(100).map(({ id, status }) => [id, status])).toEqual(records.map(({ id }) => [id, 'ok']));
  });

  it('keeps what is whole before a torn write, and sets the rest aside', async () => {
    const journal = await open();
    const [good, torn] = [intent('good'), intent('torn')];
    await journal.begin(good);
    await journal.close();
    const [file = ''] = await files();
    const path = join(folder, file);
    const line = encodeEntry({ intent: torn });
    await appendFile(path, line.slice(0, line.length / 2));
    const next = await open();
    expect(next.take(10).map(({ tool }) => tool)).toEqual(['good']);
    expect(await files()).toContain(`${file}.damaged`);
  });

  it('does not believe a record in which a byte was flipped', async () => {
    const journal = await open();
    await journal.begin(intent('one'));
    await journal.begin(intent('two'));
    await journal.close();
    const [file = ''] = await files();
    const bytes = await readFile(join(folder, file));
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    await writeFile(join(folder, file), bytes);
    const next = await open();
    expect(next.take(10).map(({ tool }) => tool)).toEqual(['one']);
  });

  it('answers "unwritable" while it cannot write, and goes on when it can', async () => {
    const journal = await open();
    await rm(folder, { recursive: true });
    await writeFile(folder, 'a file where the folder was');
    await expect(journal.begin(intent())).rejects.toMatchObject({ code: 'edge.journal_unwritable' });
    await rm(folder);
    const record = intent();
    await Journal.open({ folder, durability: 'fsync', log });
    await journal.begin(record);
    expect(await files()).toHaveLength(1);
    await journal.close();
  });

  it('shares one write among entries that arrive together', async () => {
    const journal = await open();
    const records = Array.from({ length: 200 }, () => intent());
    await Promise.all(records.map((record) => journal.begin(record)));
    await journal.close();
    const [file = ''] = await files();
    const { entries } = decodeEntries(await readFile(join(folder, file)));
    expect(entries).toHaveLength(200);
  });

  it('reads nothing into an empty or a cut file', async () => {
    const journal = await open();
    await journal.begin(intent());
    await journal.close();
    const [file = ''] = await files();
    await truncate(join(folder, file), 0);
    const next = await open();
    expect(next.take(10)).toEqual([]);
    expect(await files()).toEqual([]);
  });
});
