import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, type CallRecord } from '@gatehouse/contracts';
import type { Logger } from '@gatehouse/runtime';
import { decodeEntries, encodeEntry, idOf, mergeEntries, type Entry, type Outcome } from './entry.js';
import { Segment } from './segment.js';

export interface JournalOptions {
  readonly folder: string;
  /** `fsync`: on this disk before the call leaves; `memory`: not written at all, for benchmarks only. */
  readonly durability: 'fsync' | 'memory';
  readonly log: Logger;
  /** Hears of every record that has become final. */
  readonly onRecord?: ((record: CallRecord) => void) | undefined;
  /** Bytes after which a new file is begun. */
  readonly segmentBytes?: number;
}

interface Waiting {
  readonly entry: Entry;
  readonly resolve: () => void;
  readonly reject: (error: Failure) => void;
}

const SEGMENT_BYTES = 16 * 1024 * 1024;
const EXTENSION = '.journal';

/**
 * The edge's own durable log of calls. An intent is on the disk before its call leaves; a record leaves the journal
 * only when audit has stored it. Entries that arrive together share one write and one fdatasync (group commit).
 */
export class Journal {
  private segments: Segment[] = [];
  private readonly running = new Map<string, CallRecord>();
  private ready: CallRecord[] = [];
  private queue: Waiting[] = [];
  private current: Segment | null = null;
  private writing: Promise<void> | null = null;
  private files = 0;
  /** Called when a record has become ready to be shipped. */
  onReady: () => void = () => undefined;

  private constructor(private readonly options: JournalOptions) {}

  /** Opens the folder; the calls which an earlier process left there are ready to be shipped again. */
  static async open(options: JournalOptions): Promise<Journal> {
    const journal = new Journal(options);
    if (options.durability === 'fsync') {
      await mkdir(options.folder, { recursive: true, mode: 0o700 });
      await journal.recover();
    }
    return journal;
  }

  /**
   * Makes a call's intent durable. Nothing may leave for the upstream before this resolves.
   *
   * @throws Failure `edge.journal_unwritable`
   */
  async begin(intent: CallRecord): Promise<void> {
    await this.append({ intent });
    this.running.set(intent.id, intent);
  }

  /** Notes how a begun call ended. Nobody waits: without it the record says `unknown`, and is not lost. */
  end(id: string, outcome: Outcome): void {
    const intent = this.running.get(id);
    if (!intent) return;
    this.running.delete(id);
    this.append({ outcome, id }).catch((error: unknown) =>
      this.options.log.error({ err: error }, 'outcome not written'),
    );
    this.makeReady({ ...intent, ...outcome });
  }

  /** Notes a call that was never let on. */
  async note(whole: CallRecord): Promise<void> {
    await this.append({ whole });
    this.makeReady(whole);
  }

  /** Up to `count` records for audit, oldest first; they stay in the journal until they are released. */
  take(count: number): CallRecord[] {
    return this.ready.splice(0, count);
  }

  /** Gives records back that could not be shipped. */
  putBack(records: readonly CallRecord[]): void {
    this.ready.unshift(...records);
  }

  /** Audit has committed these records. */
  async release(records: readonly CallRecord[]): Promise<void> {
    for (const { id } of records) for (const segment of this.segments) await segment.release(id);
    this.segments = this.segments.filter((segment) => !segment.done);
  }

  get backlog(): number {
    return this.ready.length;
  }

  /** Waits for what has been appended; calls still running keep their intents on the disk. */
  async close(): Promise<void> {
    await this.writing;
    await this.current?.seal();
    this.current = null;
  }

  private makeReady(record: CallRecord): void {
    this.ready.push(record);
    this.options.onRecord?.(record);
    this.onReady();
  }

  private append(entry: Entry): Promise<void> {
    if (this.options.durability === 'memory') return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.queue.push({ entry, resolve, reject });
      this.writing ??= this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.queue;
      this.queue = [];
      try {
        await this.writeBatch(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        this.options.log.error({ err: error }, 'the journal cannot be written');
        await this.abandonCurrent(batch);
        for (const { reject } of batch)
          reject(new Failure('edge.journal_unwritable', undefined, { cause: error }));
      }
    }
    this.writing = null; // here and not a turn later, when an entry may have come that nobody would write
  }

  private async writeBatch(batch: readonly Waiting[]): Promise<void> {
    const segment = await this.segmentToWrite();
    for (const { entry } of batch) segment.hold(idOf(entry));
    // outcomes alone need no fdatasync: what was written survives this process, and an outcome lost with the
    // machine leaves its intent
    const sync = batch.some(({ entry }) => !('outcome' in entry));
    await segment.write(batch.map(({ entry }) => encodeEntry(entry)).join(''), sync);
  }

  private async segmentToWrite(): Promise<Segment> {
    const limit = this.options.segmentBytes ?? SEGMENT_BYTES;
    if (this.current && this.current.bytes < limit) return this.current;
    const full = this.current;
    const name = `${Date.now()}-${process.pid}-${this.files++}${EXTENSION}`;
    this.current = await Segment.create(join(this.options.folder, name));
    this.segments.push(this.current);
    await full?.seal();
    return this.current;
  }

  /**
   * After a failed write the file's end is unknown: begin another one. The calls in `batch` do not leave, so nothing
   * waits for them there; else every try on a full disk would leave a file behind.
   */
  private async abandonCurrent(batch: readonly Waiting[]): Promise<void> {
    const broken = this.current;
    this.current = null;
    for (const { entry } of batch) if (!('outcome' in entry)) await broken?.release(idOf(entry));
    await broken?.seal().catch(() => undefined);
    this.segments = this.segments.filter((segment) => !segment.done);
  }

  private async recover(): Promise<void> {
    const names = (await readdir(this.options.folder)).filter((name) => name.endsWith(EXTENSION));
    const found: { path: string; entries: Entry[] }[] = [];
    for (const name of names.sort(bySegmentOrder)) {
      const path = join(this.options.folder, name);
      found.push({ path, entries: await this.readSegment(path) });
    }
    this.ready = mergeEntries(found.flatMap(({ entries }) => entries));
    const waiting = new Set(this.ready.map(({ id }) => id));
    for (const { path, entries } of found) {
      // an outcome whose intent is gone was shipped already, and holds no file back
      const ids = entries.map(idOf).filter((id) => waiting.has(id));
      this.segments.push(await Segment.recovered(path, ids));
    }
    if (this.ready.length > 0)
      this.options.log.info({ records: this.ready.length }, 'records left by an earlier run will be shipped');
  }

  private async readSegment(path: string): Promise<Entry[]> {
    const bytes = await readFile(path);
    const { entries, goodBytes } = decodeEntries(bytes);
    if (goodBytes < bytes.length) {
      await writeFile(`${path}.damaged`, bytes.subarray(goodBytes), { mode: 0o600 });
      this.options.log.warn(
        { file: `${path}.damaged`, bytes: bytes.length - goodBytes },
        'the end of a journal file is torn or damaged: what is whole was kept, the rest is in this file',
      );
    }
    return entries;
  }
}

function bySegmentOrder(a: string, b: string): number {
  const [timeA = 0, , countA = 0] = a.split(/[-.]/).map(Number);
  const [timeB = 0, , countB = 0] = b.split(/[-.]/).map(Number);
  return timeA - timeB || countA - countB;
}
